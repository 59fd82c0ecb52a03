package dev.keyledger.checking.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.RequestId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request as a test sends it. */
final class SentRequest implements ApiRequest {
  /** The address that a request comes from unless a test sets another. */
  static final String PEER = "198.51.100.1";

  private final String method;
  private final String path;
  private final @Nullable String query;
  private final List<HttpAnswer.Header> headers = new ArrayList<>();
  private final String requestId = RequestId.make();
  private byte[] body = {};
  private String peer = PEER;

  SentRequest(String method, String target) {
    int questionMark = target.indexOf('?');
    this.method = method;
    this.path = questionMark < 0 ? target : target.substring(0, questionMark);
    this.query = questionMark < 0 ? null : target.substring(questionMark + 1);
  }

  SentRequest with(String header, String value) {
    headers.add(new HttpAnswer.Header(header, value));
    return this;
  }

  SentRequest bearer(String credential) {
    return with("Authorization", "Bearer " + credential);
  }

  SentRequest json(String json) {
    return with("Content-Type", "application/json").body(json.getBytes(UTF_8));
  }

  SentRequest body(byte[] bytes) {
    body = bytes;
    return with("Content-Length", Integer.toString(bytes.length));
  }

  SentRequest from(String address) {
    peer = address;
    return this;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public @Nullable String query() {
    return query;
  }

  @Override
  public List<String> headers(String name) {
    return headers.stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(HttpAnswer.Header::value)
        .toList();
  }

  @Override
  public byte[] body(int bytesMax) {
    if (body.length > bytesMax) {
      throw ProblemException.tooLarge(bytesMax);
    }
    return body;
  }

  @Override
  public String peerAddress() {
    return peer;
  }

  @Override
  public String requestId() {
    return requestId;
  }
}

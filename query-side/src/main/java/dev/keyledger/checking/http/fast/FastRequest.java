package dev.keyledger.checking.http.fast;

import dev.keyledger.access.http.ApiRequest;
import dev.keyledger.access.http.ProblemException;
import dev.keyledger.access.http.RequestId;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request that the fast listener received. Used by one thread at a time. */
final class FastRequest implements ApiRequest {
  private final HttpRequest head;
  private final byte @Nullable [] body;
  private final String peerAddress;
  private final String requestId = RequestId.make();

  /**
   * A request.
   *
   * @param body null if it is longer than any may be
   */
  FastRequest(HttpRequest head, byte @Nullable [] body, String peerAddress) {
    this.head = head;
    this.body = body;
    this.peerAddress = peerAddress;
  }

  HttpRequest head() {
    return head;
  }

  @Override
  public String method() {
    return head.method().name();
  }

  @Override
  public String path() {
    String target = head.uri();
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  @Override
  public @Nullable String query() {
    int query = head.uri().indexOf('?');
    return query < 0 ? null : head.uri().substring(query + 1);
  }

  @Override
  public List<String> headers(String name) {
    return head.headers().getAll(name);
  }

  @Override
  public byte[] body(int bytesMax) {
    if (body == null || body.length > bytesMax) {
      throw ProblemException.tooLarge(bytesMax);
    }
    return body;
  }

  @Override
  public String peerAddress() {
    return peerAddress;
  }

  @Override
  public String requestId() {
    return requestId;
  }
}

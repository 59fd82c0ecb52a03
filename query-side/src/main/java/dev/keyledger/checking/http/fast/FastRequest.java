package dev.keyledger.checking.http.fast;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.RequestHead;
import dev.keyledger.http.RequestId;
import dev.keyledger.http.RequestTarget;
import io.netty.handler.codec.http.HttpRequest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A request that the fast listener received: first its head, then its body. Not thread-safe. */
final class FastRequest implements ApiRequest {
  private static final Pattern ABSOLUTE_FORM =
      Pattern.compile("(?i)https?://(?:[-._~!$&'()*+,;=%:A-Z0-9]*@)?([^/?]*)(.*)");
  private static final byte[] NO_BODY = {};

  private record Header(String name, String value) {}

  private final HttpRequest head;
  private final String peerAddress;
  private final List<Header> headers = new ArrayList<>();
  private final @Nullable String authority;
  private final String path;
  private final @Nullable String query;
  private byte @Nullable [] body = NO_BODY;
  private @Nullable String requestId;

  FastRequest(HttpRequest head, String peerAddress) {
    this.head = head;
    this.peerAddress = peerAddress;
    Iterator<Map.Entry<CharSequence, CharSequence>> each = head.headers().iteratorCharSequence();
    while (each.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = each.next();
      headers.add(new Header(header.getKey().toString(), header.getValue().toString()));
    }
    String target = head.uri();
    Matcher absolute = target.startsWith("/") ? null : ABSOLUTE_FORM.matcher(target);
    if (absolute != null && absolute.matches()) {
      authority = absolute.group(1);
      target = withSlash(absolute.group(2));
    } else {
      authority = null;
    }
    int questionMark = target.indexOf('?');
    path = questionMark < 0 ? target : target.substring(0, questionMark);
    query = questionMark < 0 ? null : target.substring(questionMark + 1);
  }

  private static String withSlash(String target) {
    return target.startsWith("/") ? target : "/" + target;
  }

  /**
   * Returns the host of a target in absolute form (RFC 9112 section 3.2.2), with the port if it has
   * one; null for other targets.
   */
  @Nullable String authority() {
    return authority;
  }

  /** Returns whether the request has no expectation, or only one that every server meets. */
  boolean isExpectationKnown() {
    return head.protocolVersion().minorVersion() == 0
        || headers("Expect").stream().allMatch("100-continue"::equalsIgnoreCase);
  }

  HttpRequest head() {
    return head;
  }

  /**
   * Adds the body.
   *
   * @param bytes null if it is too long
   */
  FastRequest with(byte @Nullable [] bytes) {
    body = bytes;
    return this;
  }

  boolean isHeadTooLong() {
    int bytes = 0;
    for (Header header : headers) {
      bytes += RequestHead.headerBytes(header.name.length(), header.value.length());
    }
    return RequestHead.isTooLong(
        path, RequestHead.lineBytes(method().length(), path, query), bytes);
  }

  boolean isLineValid() {
    return path.equals(RequestTarget.SERVER)
        ? method().equals("OPTIONS")
        : RequestTarget.isMethod(method()) && RequestTarget.isValid(path, query);
  }

  @Override
  public String method() {
    return head.method().name();
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public @Nullable String query() {
    return query;
  }

  /** Searches linearly: a request has few headers, and hashing a name would cost more. */
  @Override
  public List<String> headers(String name) {
    List<String> values = List.of();
    for (Header header : headers) {
      if (header.name.equalsIgnoreCase(name)) {
        values = values.isEmpty() ? List.of(header.value) : with(values, header.value);
      }
    }
    return values;
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
    if (requestId == null) {
      requestId = RequestId.make();
    }
    return requestId;
  }

  private static List<String> with(List<String> values, String value) {
    List<String> more = new ArrayList<>(values);
    more.add(value);
    return more;
  }
}

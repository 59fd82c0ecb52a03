package dev.keyledger.checking.http.extauthz;

import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.HttpAnswer.Header;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Writes an answer of {@code forward-auth} as Envoy's {@code CheckResponse}. */
final class ExtAuthzAnswer {
  private static final String KEY_HEADER = "x-key-";

  /** The headers about a key that an answer has only on request. */
  private static final List<String> ON_REQUEST = List.of("x-key-name", "x-key-metadata");

  /** The one header of the answer 200 that is for the client. */
  private static final String RENEWAL_DUE = "keyledger-renewal-due";

  private static final HttpAnswer UNAVAILABLE = new HttpAnswer(503, List.of(), new byte[0]);

  /** {@code OVERWRITE_IF_EXISTS_OR_ADD}. */
  private static final int OVERWRITE = 2;

  private static final int OK = 0;

  private ExtAuthzAnswer() {}

  /**
   * Returns the message that admits or refuses a client's request.
   *
   * @param forgedNames the names of the client's headers that must not reach the application
   */
  static byte[] of(HttpAnswer answer, List<String> forgedNames) {
    return answer.status() == 200 ? passed(answer, forgedNames) : denied(answer);
  }

  /** Returns the message that refuses a request because no decision could be made. */
  static byte[] undecided() {
    return denied(UNAVAILABLE);
  }

  /**
   * Returns the message that admits a request. Envoy first sets headers and then removes others, so
   * that none may be in both lists.
   */
  private static byte[] passed(HttpAnswer answer, List<String> forgedNames) {
    var ok = new ProtobufWriter();
    Set<String> removed = new TreeSet<>(ON_REQUEST);
    forgedNames.forEach(name -> removed.add(name.toLowerCase(Locale.ROOT)));
    for (Header header : answer.headers()) {
      String name = header.name().toLowerCase(Locale.ROOT);
      if (name.startsWith(KEY_HEADER)) {
        ok.message(2, option(header));
        removed.remove(name);
      } else if (name.equals(RENEWAL_DUE)) {
        ok.message(6, option(header));
      }
    }
    removed.forEach(name -> ok.text(5, name));
    return response(OK).message(3, ok).toByteArray();
  }

  private static byte[] denied(HttpAnswer answer) {
    var denied = new ProtobufWriter().message(1, new ProtobufWriter().number(1, answer.status()));
    for (Header header : answer.headers()) {
      denied.message(2, option(header));
    }
    denied.bytes(3, answer.body());
    return response(code(answer.status())).message(2, denied).toByteArray();
  }

  private static ProtobufWriter response(int code) {
    return new ProtobufWriter().message(1, new ProtobufWriter().number(1, code));
  }

  /** Returns the code of {@code google.rpc.Status}; Envoy only tests whether it is 0. */
  private static int code(int status) {
    return switch (status) {
      case 401 -> 16; // UNAUTHENTICATED
      case 503 -> 14; // UNAVAILABLE
      default -> 7; // PERMISSION_DENIED
    };
  }

  private static ProtobufWriter option(Header header) {
    var value =
        new ProtobufWriter()
            .text(1, header.name().toLowerCase(Locale.ROOT))
            .text(2, header.value());
    return new ProtobufWriter().message(1, value).number(3, OVERWRITE);
  }
}

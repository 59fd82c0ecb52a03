package dev.keyledger.http.request;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.arrival.BodyLength;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads bodies of an expected media type and a limited length. */
final class RequestBody {
  private static final String JSON = "application/json";
  private static final String FORM = "application/x-www-form-urlencoded";

  private RequestBody() {}

  /**
   * Refuses a JSON body that the head of the request shows to be invalid.
   *
   * @throws ProblemException with {@code too-large} or {@code unsupported-media-type}
   */
  static void expectJson(ApiRequest request) {
    expect(request, JSON, BodyLength.max(request.path()));
  }

  /** Refuses a form likewise. */
  static void expectForm(ApiRequest request) {
    expect(request, FORM, BodyLength.BYTES_MAX);
  }

  private static void expect(ApiRequest request, String mediaType, int bytesMax) {
    requirePlain(request);
    List<String> lengths = request.headers("Content-Length");
    long length = lengths.isEmpty() ? 0 : lengthOf(lengths.getFirst());
    if (length > bytesMax) {
      throw ProblemException.tooLarge(bytesMax);
    }
    if (length > 0) {
      requireType(request, mediaType);
    }
  }

  /** Returns the length that a header states; 0 for one that the transport has not accepted. */
  private static long lengthOf(String header) {
    try {
      return Long.parseLong(header);
    } catch (NumberFormatException malformed) {
      return 0;
    }
  }

  /**
   * Returns a JSON body, whose content is not checked.
   *
   * @throws ProblemException with {@code too-large} or {@code unsupported-media-type}
   */
  static byte[] json(ApiRequest request, int bytesMax) {
    return read(request, JSON, bytesMax);
  }

  /**
   * Returns a form.
   *
   * @throws ProblemException with {@code too-large}, {@code unsupported-media-type}, or {@code
   *     bad-request} if it is malformed
   */
  static FormBody form(ApiRequest request) {
    return new FormBody(read(request, FORM, BodyLength.BYTES_MAX));
  }

  private static void requirePlain(ApiRequest request) {
    for (String coding : request.headers("Content-Encoding")) {
      if (!coding.isEmpty() && !coding.equalsIgnoreCase("identity")) {
        throw ProblemException.encoded();
      }
    }
  }

  private static byte[] read(ApiRequest request, String mediaType, int bytesMax) {
    requirePlain(request);
    byte[] bytes = request.body(bytesMax);
    if (bytes.length > 0) {
      requireType(request, mediaType);
    }
    return bytes;
  }

  private static void requireType(ApiRequest request, String mediaType) {
    if (!isOfType(mediaType, request.header("Content-Type"))) {
      throw new ProblemException(
          ProblemCode.UNSUPPORTED_MEDIA_TYPE, "The body must be " + mediaType + ".");
    }
  }

  private static boolean isOfType(String mediaType, @Nullable String contentType) {
    if (contentType == null) {
      return false;
    }
    int parameters = contentType.indexOf(';');
    String type = parameters < 0 ? contentType : contentType.substring(0, parameters);
    return type.strip().equalsIgnoreCase(mediaType);
  }
}

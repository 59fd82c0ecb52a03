package dev.keyledger.http.request;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.arrival.BodyLength;
import org.jspecify.annotations.Nullable;

/** Reads bodies of an expected media type and a limited length. */
final class RequestBody {
  private RequestBody() {}

  /**
   * Returns a JSON body, whose content is not checked.
   *
   * @throws ProblemException with {@code too-large} or {@code unsupported-media-type}
   */
  static byte[] json(ApiRequest request, int bytesMax) {
    return read(request, "application/json", bytesMax);
  }

  /**
   * Returns a form.
   *
   * @throws ProblemException with {@code too-large}, {@code unsupported-media-type}, or {@code
   *     bad-request} if it is encoded wrongly
   */
  static FormBody form(ApiRequest request) {
    return new FormBody(read(request, "application/x-www-form-urlencoded", BodyLength.BYTES_MAX));
  }

  /**
   * Refuses a body in a content coding.
   *
   * @throws ProblemException with {@code unsupported-media-type}
   */
  static void requirePlain(ApiRequest request) {
    for (String coding : request.headers("Content-Encoding")) {
      if (!coding.isEmpty() && !coding.equalsIgnoreCase("identity")) {
        throw ProblemException.encoded();
      }
    }
  }

  private static byte[] read(ApiRequest request, String mediaType, int bytesMax) {
    requirePlain(request);
    byte[] bytes = request.body(bytesMax);
    if (bytes.length > 0 && !isOfType(mediaType, request.header("Content-Type"))) {
      throw new ProblemException(
          ProblemCode.UNSUPPORTED_MEDIA_TYPE, "The body must be " + mediaType + ".");
    }
    return bytes;
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

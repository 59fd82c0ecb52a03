package dev.keyledger.http.request;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemException;
import java.util.List;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** The header {@code Accept}, where Spring does not read it (RFC 9110 section 12.5.1). */
final class AcceptHeader {
  private AcceptHeader() {}

  /**
   * Refuses a request whose client does not accept a media type.
   *
   * @throws ProblemException with {@code not-acceptable}
   */
  static void require(ApiRequest request, String mediaType) {
    List<String> accepted = request.headers("Accept");
    boolean anything = accepted.isEmpty() || accepted.contains(MediaType.ALL_VALUE);
    if (!anything && !accepted.contains(mediaType) && !includes(accepted, mediaType)) {
      throw ProblemException.notAcceptable(mediaType);
    }
  }

  private static boolean includes(List<String> accepted, String mediaType) {
    MediaType answer = MediaType.parseMediaType(mediaType);
    try {
      return MediaType.parseMediaTypes(accepted).stream()
          .anyMatch(range -> range.includes(answer) && range.getQualityValue() > 0);
    } catch (InvalidMediaTypeException malformed) {
      return false;
    }
  }
}

package dev.keyledger.http.request;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemException;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the entity tags of a precondition (RFC 9110 section 13.1.1). */
final class EntityTags {
  private static final String IF_MATCH = "If-Match";
  private static final Pattern TAG = Pattern.compile("\"([0-9]{1,18})\"|(?:W/)?\"[!#-~]*\"");

  private EntityTags() {}

  /**
   * @throws ProblemException with {@code bad-request} if the header is present
   */
  static void refuse(ApiRequest request) {
    if (!request.headers(IF_MATCH).isEmpty()) {
      throw ProblemException.unreadable(
          IF_MATCH, "must not be sent here: this changes nothing that has a version");
    }
  }

  /**
   * Returns the versions in {@code If-Match}, or null if any version matches. A weak tag never
   * matches.
   *
   * @throws ProblemException with {@code bad-request} if the header is malformed
   */
  static @Nullable Set<Long> ifMatch(ApiRequest request) {
    String header = request.header(IF_MATCH);
    if (header == null || header.strip().equals("*")) {
      return null;
    }
    var versions = new HashSet<Long>();
    for (String tag : header.split(",", -1)) {
      var form = TAG.matcher(tag.strip());
      if (!form.matches()) {
        throw ProblemException.unreadable(IF_MATCH, "must be entity tags such as \"3\", or *");
      }
      if (form.group(1) != null) {
        versions.add(Long.parseLong(form.group(1)));
      }
    }
    return versions;
  }
}

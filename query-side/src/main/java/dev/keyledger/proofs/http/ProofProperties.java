package dev.keyledger.proofs.http;

import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.proofs.LogKeys;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of checkpoints.
 *
 * @param logKeyFile file of the keys that sign checkpoints (PEM); blank: this node signs none. The
 *     command {@code new-log-key} creates one
 * @param publicCheckpoints whether checkpoint, key and tiles of hashes are open to everybody
 * @param checkpointDir directory that each checkpoint is written to as well; blank: none
 * @param checkpointStdout whether each checkpoint is printed as well
 * @param checkpointUrl URL that each checkpoint is sent to as well, by POST; blank: none
 */
@ConfigurationProperties("keyledger")
record ProofProperties(
    @DefaultValue("") String logKeyFile,
    @DefaultValue("false") Boolean publicCheckpoints,
    @DefaultValue("") String checkpointDir,
    @DefaultValue("false") Boolean checkpointStdout,
    @DefaultValue("") String checkpointUrl) {
  /**
   * Returns the keys that sign checkpoints; null if this node signs none.
   *
   * @throws StartupRefusedException if the file cannot be read, or does not contain the keys
   */
  @Nullable LogKeys logKeys() {
    if (logKeyFile.isBlank()) {
      return null;
    }
    try {
      return LogKeys.parse(Files.readString(Path.of(logKeyFile)));
    } catch (IOException e) {
      throw new StartupRefusedException(
          "KEYLEDGER_LOG_KEY_FILE: %s cannot be read. Name a file that new-log-key has made."
              .formatted(logKeyFile),
          e);
    } catch (IllegalArgumentException e) {
      throw new StartupRefusedException(
          "KEYLEDGER_LOG_KEY_FILE: in %s %s. Name a file that new-log-key has made."
              .formatted(logKeyFile, e.getMessage()),
          e);
    }
  }

  /**
   * Returns the URL that checkpoints are sent to; null if there is none.
   *
   * @throws StartupRefusedException if it is not an http or https URL
   */
  @Nullable URI target() {
    if (checkpointUrl.isBlank()) {
      return null;
    }
    try {
      URI url = URI.create(checkpointUrl);
      if (url.getHost() != null && String.valueOf(url.getScheme()).matches("https?")) {
        return url;
      }
    } catch (IllegalArgumentException _) {
      // refused below
    }
    throw new StartupRefusedException(
        "KEYLEDGER_CHECKPOINT_URL: %s is not a URL. Name one that begins with https:// or http://."
            .formatted(checkpointUrl));
  }
}

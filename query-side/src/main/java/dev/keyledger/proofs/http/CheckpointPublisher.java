package dev.keyledger.proofs.http;

import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.log.proofs.LogProofs;
import dev.keyledger.log.proofs.SignedCheckpoint;
import dev.keyledger.supervision.SupervisedThread;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes each new checkpoint where an attacker who changes the database cannot change it: in a
 * directory, on the output of the process, at a URL. A failed destination gets the newest
 * checkpoint at the next attempt, a second later. Started and closed once.
 */
final class CheckpointPublisher implements AutoCloseable {
  private static final Duration EVERY = Duration.ofMillis(500);
  private static final Duration REQUEST_MAX = Duration.ofSeconds(10);
  private static final String LATEST = "latest";
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointPublisher.class);

  private final LogProofs proofs;
  private final List<Place> places = new ArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  /** A destination of checkpoints. */
  private interface Target {
    void take(SignedCheckpoint checkpoint) throws IOException, InterruptedException;
  }

  /** A target and its last checkpoint. Not thread-safe. */
  private static final class Place {
    private final String name;
    private final Target target;
    private @Nullable String taken;
    private boolean failing;

    Place(String name, Target target) {
      this.name = name;
      this.target = target;
    }

    void offer(SignedCheckpoint checkpoint) throws InterruptedException {
      if (checkpoint.note().equals(taken)) {
        return;
      }
      try {
        target.take(checkpoint);
        taken = checkpoint.note();
        failing = false;
      } catch (IOException e) {
        if (!failing) {
          LOG.error("checkpoints do not reach {}, trying on: {}", name, e.toString());
        }
        failing = true;
      }
    }
  }

  CheckpointPublisher(LogProofs proofs, ProofProperties properties, PrintStream out) {
    this.proofs = proofs;
    if (!properties.checkpointDir().isBlank()) {
      Path directory = Path.of(properties.checkpointDir());
      places.add(new Place(directory.toString(), checkpoint -> write(directory, checkpoint)));
    }
    if (properties.checkpointStdout()) {
      places.add(new Place("the output", checkpoint -> print(out, checkpoint)));
    }
    URI url = properties.target();
    if (url != null) {
      HttpClient client = HttpClient.newBuilder().connectTimeout(REQUEST_MAX).build();
      places.add(new Place(url.getHost(), checkpoint -> send(client, url, checkpoint)));
    }
  }

  /** Starts publishing, if there is a destination. */
  void start() {
    if (!places.isEmpty()) {
      SupervisedThread.unstarted(
              "keyledger-checkpoints-out", () -> closing.getCount() > 0, this::run)
          .start();
    }
  }

  private void run() throws InterruptedException {
    do {
      SignedCheckpoint checkpoint = last();
      if (checkpoint != null) {
        for (Place place : places) {
          place.offer(checkpoint);
        }
      }
    } while (!closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
  }

  private @Nullable SignedCheckpoint last() {
    try {
      return proofs.checkpoint().orElse(null);
    } catch (StoreUnavailableException e) {
      LOG.debug("cannot read the last checkpoint", e);
      return null;
    }
  }

  /** Prints a checkpoint in UTF-8 whatever the locale: a signature line begins with a dash. */
  private static void print(PrintStream out, SignedCheckpoint checkpoint) {
    out.writeBytes(checkpoint.note().getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /**
   * Writes a file for each checkpoint, named after its size, and another copy of the latest one.
   */
  private static void write(Path directory, SignedCheckpoint checkpoint) throws IOException {
    Path latest = latestIn(directory, checkpoint.origin());
    Path ofLog = latest.resolveSibling("");
    Files.createDirectories(ofLog);
    requireOther(ofLog, checkpoint);
    for (String name : List.of("%019d".formatted(checkpoint.size()), LATEST)) {
      Path unfinished = Files.createTempFile(ofLog, name, ".unfinished");
      Files.writeString(unfinished, checkpoint.note());
      Files.move(
          unfinished,
          ofLog.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Returns the file of the latest checkpoint of a log. */
  static Path latestIn(Path directory, String origin) {
    return directory.resolve(origin.replace('/', '_')).resolve(LATEST);
  }

  /** Refuses to replace evidence: another root for a size shows that the log was changed. */
  private static void requireOther(Path ofLog, SignedCheckpoint checkpoint) throws IOException {
    Path file = ofLog.resolve("%019d".formatted(checkpoint.size()));
    if (Files.exists(file) && !textOf(Files.readString(file)).equals(textOf(checkpoint.note()))) {
      throw new IOException(file + " holds another checkpoint of that size");
    }
  }

  private static String textOf(String note) {
    return note.substring(0, note.indexOf("\n\n"));
  }

  private static void send(HttpClient client, URI url, SignedCheckpoint checkpoint)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(REQUEST_MAX)
            .header("Content-Type", "text/plain; charset=utf-8")
            .POST(HttpRequest.BodyPublishers.ofString(checkpoint.note()))
            .build();
    int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    if (status / 100 != 2) {
      throw new IOException("it answered " + status);
    }
  }

  @Override
  public void close() {
    closing.countDown();
  }
}

package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.verifylog.LineCheck.Checked;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Checks an export. The lines of a whole log, from position 1, must give the roots of the
 * checkpoints. The lines of one workspace each have an inclusion proof.
 *
 * <p>One thread reads and puts the results together; others check lines meanwhile.
 */
final class ExportCheck {
  /** The maximum number of keys whose owners are remembered. */
  private static final int OWNERS_MAX = 1_000_000;

  private static final String TRAILER_TYPE = "dev.keyledger.ExportTrailer";

  private final Checkpoints checkpoints;
  private final Checkpoint given;
  private final List<VerifierKey> keys;
  private final VerificationReport report;

  private final CompactRange tree = new CompactRange();
  private final Map<String, String> owners = new HashMap<>();
  private final Set<String> unknown = new TreeSet<>();
  private @Nullable String fault;
  private boolean hasProofs;
  private long lines;
  private long lastPosition;
  private long ownersUnknown;

  /**
   * Creates the check.
   *
   * @param keys empty: no signature is checked
   */
  ExportCheck(Checkpoints checkpoints, List<VerifierKey> keys, VerificationReport report) {
    this.checkpoints = checkpoints;
    this.given = checkpoints.given();
    this.keys = keys;
    this.report = report;
  }

  /** The content of the last line. */
  private record Trailer(long count, Checkpoint checkpoint) {}

  void run(Path path) throws IOException {
    try (ExportFile file = ExportFile.open(path)) {
      Trailer trailer = trailer(file.trailer());
      boolean signed =
          !keys.isEmpty()
              && VerifierKey.haveSigned(
                  keys, trailer.checkpoint, "the checkpoint at the end of the export", report);
      readLines(file, trailer.checkpoint);
      if (lines != trailer.count) {
        throw new WrongException(
            "the export has %,d lines before its trailer, which says %,d"
                .formatted(lines, trailer.count));
      }
      if (lines == 0 && trailer.checkpoint.size() > 0) {
        report.notChecked("the export has no events");
      } else if (hasProofs) {
        concludeProofs(trailer.checkpoint, signed);
      } else {
        concludeWhole(trailer.checkpoint, signed);
      }
      reportLimits();
    } catch (WrongException e) {
      report.wrong(String.valueOf(e.getMessage()));
    }
  }

  private Trailer trailer(byte[] line) throws WrongException {
    var members = new JsonScanner("type", "source", "data", "position", "leaf");
    try {
      members.read(line, 0, line.length, new TreeSet<>());
      if (!members.text(0).equals(TRAILER_TYPE) || members.has(3) || members.has(4)) {
        throw new WrongException("is an event");
      }
      var data = new JsonScanner("count", "checkpoint");
      members.require(2);
      data.read(line, members.from(2), members.to(2), new TreeSet<>());
      Checkpoint checkpoint = Checkpoint.parse(data.text(1).getBytes(UTF_8));
      data.require(0);
      String count = new String(line, data.from(0), data.to(0) - data.from(0), UTF_8);
      if (!count.matches("0|[1-9][0-9]{0,17}")) {
        throw new WrongException("has a count that is not a number");
      }
      requireSameLog(checkpoint);
      if (!members.text(1).equals(checkpoint.source())) {
        throw new WrongException("has the source of another log than its checkpoint");
      }
      return new Trailer(Long.parseLong(count), checkpoint);
    } catch (WrongException e) {
      throw new WrongException(
          "the last line of the export is not its trailer: it " + e.getMessage());
    }
  }

  private void requireSameLog(Checkpoint trailer) {
    if (!trailer.origin().equals(given.origin())) {
      throw new CannotCheckException(
          "The export is of another log, %s, than the checkpoint, %s."
              .formatted(trailer.origin(), given.origin()));
    }
  }

  /**
   * Lines that were checked one by one, up to the first that is not as it must be.
   *
   * @param bytes the lines, which are not needed any more
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares these records
  private record Part(
      byte[] bytes,
      List<Checked> lines,
      byte[] hashes,
      Set<String> unknown,
      @Nullable String fault) {}

  private void readLines(ExportFile file, Checkpoint trailer) throws IOException, WrongException {
    tree.watch(trailer.size());
    checkpoints.watchedBy(tree);
    var parts =
        new OrderedTasks<Part>(part -> {
          take(part);
          file.reuse(part.bytes);
        });
    file.read((bytes, length) -> {
      parts.submit(() -> check(new LineCheck(trailer), bytes, length));
      return fault == null;
    });
    parts.finish();
    if (fault != null) {
      throw new WrongException(fault);
    }
  }

  private static Part check(LineCheck check, byte[] bytes, int length) {
    var checked = new ArrayList<Checked>(512);
    byte[] hashes = new byte[512 * Sha256.BYTES];
    String fault = null;
    int from = 0;
    while (from < length && fault == null) {
      int at = checked.size() * Sha256.BYTES;
      hashes = at == hashes.length ? Arrays.copyOf(hashes, 2 * at) : hashes;
      try {
        checked.add(check.check(bytes, from, length, hashes, at));
        from = check.end();
      } catch (WrongException e) {
        fault = String.valueOf(e.getMessage());
      }
    }
    return new Part(bytes, checked, hashes, check.unknown(), fault);
  }

  private void take(Part part) {
    int at = 0;
    String found = null;
    for (int i = 0; i < part.lines.size() && fault == null && found == null; i++) {
      Checked line = part.lines.get(i);
      found = fault(line);
      if (found == null) {
        lines++;
        lastPosition = line.position();
        if (!hasProofs) {
          tree.add(part.hashes, at);
        }
        at += Sha256.BYTES;
      }
    }
    if (unknown.size() < JsonScanner.UNKNOWN_MAX) {
      unknown.addAll(part.unknown);
    }
    found = found == null ? part.fault : found;
    if (fault == null && found != null) {
      fault = "line %,d of the export: %s".formatted(lines + 1, found);
    }
  }

  /** Returns what is wrong with the next line, seen together with those before it. */
  private @Nullable String fault(Checked line) {
    if (lines == 0) {
      hasProofs = line.hasProof();
      if (!hasProofs && line.position() != 1) {
        throw new CannotCheckException(
            "The export begins at position %,d and its lines have no inclusionproof: only an export of one workspace, or one of the whole log from its beginning, can be checked."
                .formatted(line.position()));
      }
    }
    if (line.hasProof() != hasProofs) {
      return hasProofs
          ? "has no inclusionproof"
          : "has an inclusionproof, as the first one has not";
    }
    if (line.position() <= lastPosition) {
      return "position %,d comes after %,d".formatted(line.position(), lastPosition);
    }
    if (!hasProofs && line.position() != lastPosition + 1) {
      return "%s missing before it"
          .formatted(VerificationReport.events(lastPosition + 1, line.position() - 1));
    }
    return ownerFault(line);
  }

  private @Nullable String ownerFault(Checked line) {
    String key = line.keyId();
    String owner = line.owner();
    if (key == null || owner == null) {
      return null;
    }
    if (line.namesOwner()) {
      if (owners.size() < OWNERS_MAX) {
        owners.put(key, owner);
      } else {
        owners.replace(key, owner);
      }
      return null;
    }
    String known = owners.get(key);
    if (known == null) {
      ownersUnknown++;
    } else if (!known.equals(owner)) {
      return "data.owner is not the one that an earlier line names";
    }
    return null;
  }

  private void concludeProofs(Checkpoint trailer, boolean signed) {
    report.proven(
        "each of the %,d events of the export is in the log, by its inclusion proof for the checkpoint of size %,d at the end of the export"
            .formatted(lines, trailer.size()));
    report.notShown("whether the export has all events of its workspace");
    concludeOther(trailer, signed);
    Checkpoint previous = checkpoints.previous();
    if (previous != null && !previous.isOfSameTree(given)) {
      report.notChecked(
          "whether the checkpoint extends the previous one: an export of one workspace does not show it");
    }
  }

  /** Reports how the given checkpoint relates to that of the export, where no root shows it. */
  private void concludeOther(Checkpoint trailer, boolean signed) {
    if (given.isOfSameTree(trailer)) {
      report.proven("the checkpoint of the export is the one given");
    } else if (given.size() == trailer.size()) {
      report.wrong(
          "the checkpoint of the export and the one given have the same size, %,d, and different roots"
              .formatted(given.size()));
    } else if (signed) {
      report.notShown(
          "whether the checkpoint of size %,d at the end of the export is consistent with the one given, of size %,d"
              .formatted(trailer.size(), given.size()));
    } else {
      report.notChecked(
          "the checkpoint of size %,d at the end of the export: it is not the one given, of size %,d, and there is no --key to check its signature with"
              .formatted(trailer.size(), given.size()));
    }
  }

  private void concludeWhole(Checkpoint trailer, boolean signed) {
    if (given.size() <= lines && !checkpoints.prove(tree, report)) {
      checkpoints.reportInterval(tree, report);
    }
    concludeTrailer(trailer, signed);
  }

  private void concludeTrailer(Checkpoint trailer, boolean signed) {
    byte[] root = tree.rootAt(trailer.size());
    if (lines < trailer.size()) {
      report.wrong(
          "the export ends at event %,d, and its checkpoint covers %,d: it was cut off, or limited in time, which cannot be checked without inclusion proofs"
              .formatted(lines, trailer.size()));
    } else if (lines > trailer.size()) {
      report.wrong(
          "the export has %,d events, and its checkpoint covers only %,d"
              .formatted(lines, trailer.size()));
    } else if (!Arrays.equals(root, trailer.root())) {
      report.wrong(
          "the events of the export do not give the root of the checkpoint at its end, of size %,d"
              .formatted(trailer.size()));
    } else if (given.size() > lines) {
      report.proven(
          "the events 1 to %,d are exactly those that the checkpoint at the end of the export covers"
              .formatted(lines));
      report.notChecked(
          "the checkpoint of size %,d that was given: the export ends at event %,d"
              .formatted(given.size(), lines));
    } else if (given.size() < lines) {
      reportRest(signed);
    }
  }

  private void reportRest(boolean signed) {
    String rest = VerificationReport.events(given.size() + 1, lines);
    if (signed) {
      report.proven(
          rest.replaceFirst(" (is|are)$", "")
              + " follow it, as the signed checkpoint at the end of the export covers them");
    } else {
      report.notShown(rest + " after the checkpoint: nothing is proven of them");
    }
  }

  private void reportLimits() {
    report.notShown("the context of the events (reason, ip, userAgent): its salt is not exported");
    if (ownersUnknown > 0) {
      report.notShown(
          "the owner in %,d lines, which no line before names".formatted(ownersUnknown));
    }
    if (!unknown.isEmpty()) {
      report.notShown("attributes that this verifier does not know: " + String.join(", ", unknown));
    }
  }
}

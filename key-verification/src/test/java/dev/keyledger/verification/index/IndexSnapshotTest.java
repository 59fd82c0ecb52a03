package dev.keyledger.verification.index;

import static dev.keyledger.verification.index.Ledger.KeySpec.DEFAULT_SPEC;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.LeakReported;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.Sha256;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.verification.secret.Peppers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A snapshot reads back as the index that was written, and nothing else is accepted. {@link
 * KeyIndexModelTest} shows that it makes the same decisions.
 */
class IndexSnapshotTest {
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void showsTheEventThatItIsBasedOn() throws Exception {
    var ledger = someKeys(3);
    var bytes = new ByteArrayInputStream(SavedIndex.of(ledger.index).bytes());
    try (var reading = new IndexSnapshot.Reading(bytes, Ledger.PEPPERS)) {
      assertThat(reading.keys()).isEqualTo(3);
      assertThat(reading.origin()).isEqualTo(SavedIndex.origin(ledger.last()));
    }
  }

  /**
   * Existing files hold keys in this form. If it changes, or the meaning of an event changes,
   * increment {@link PackedKey}'s FORM and update the hash here.
   */
  @Test
  void aChangedFormNeedsANewFormNumber() {
    byte[] file = SavedIndex.of(keysOfManyKinds().index).bytes();
    var contents = new ByteArrayOutputStream();
    // Skip the prefix and the head, which differ from file to file.
    for (byte[] chunk : chunks(file).subList(2, chunks(file).size())) {
      contents.write(chunk, Integer.BYTES, chunk.length - Integer.BYTES - Digest.BYTES);
    }
    assertThat(Digest.of(Sha256.of(contents.toByteArray())))
        .hasToString("6518b7748ab24526e2952af804aa3e6dbd1be598b7f2b7a7175e6af3290c4460");
    assertThat(PackedKey.form())
        .hasToString("e1a8d9cdad278a7e7537d284da9e34b3e9649e1886e74aca7341f35806ae3c1a");
  }

  /** Otherwise a leak of a secret that was rotated out would not be found after a restart. */
  @Test
  void itKnowsWhoImportedSecretsThatAreNoLongerCurrent() {
    var ledger = new Ledger();
    KeyId rotated = ledger.importKey(DEFAULT_SPEC.in("acme").under(1), ledger.secret());
    ledger.rotate(rotated, 2, ledger.secret(), ledger.now());
    ledger.importKey(DEFAULT_SPEC.in("other"), ledger.secret());
    ledger.issue(DEFAULT_SPEC.in("third"), ledger.secret());

    for (KeyIndex index : List.of(ledger.index, SavedIndex.of(ledger.index).load())) {
      assertThat(index.importersUnder(1)).containsExactly("acme");
      assertThat(index.importersUnder(2)).containsExactly("other");
      assertThat(index.importersUnder(3)).isEmpty();
    }
  }

  @Test
  void anIndexWithoutEventsHasNoSnapshot() {
    assertThat(new KeyIndex().snapshot()).isEmpty();
    KeyIndex loaded = SavedIndex.of(someKeys(3).index).load();
    assertThat(loaded.position()).isEqualTo(3);
    assertThat(loaded.snapshot()).isEmpty();
  }

  @Test
  void aSnapshotIsUnchangedWhileTheIndexContinues() {
    var history = new KeyHistory(random);
    for (int i = 0; i < 200; i++) {
      history.step(8);
    }
    String before = history.ledger.index.digestOfState();
    IndexSnapshot snapshot = history.ledger.index.snapshot().orElseThrow();
    for (int i = 0; i < 500; i++) {
      history.step(8);
    }
    // The final ends of these secrets become known only now.
    for (KeyId key : List.copyOf(history.keys())) {
      history.rotate(key);
    }
    KeyIndex loaded = SavedIndex.of(snapshot, Ledger.PEPPERS).load();
    assertThat(loaded.digestOfState()).as("seed %s", seed).isEqualTo(before);
    history.ledger.events.forEach(loaded::apply);
    assertThat(loaded.digestOfState())
        .as("seed %s", seed)
        .isEqualTo(history.ledger.index.digestOfState());
  }

  @Test
  void itIsWrittenForItsOwnPositionOnly() {
    var ledger = someKeys(2);
    IndexSnapshot snapshot = ledger.index.snapshot().orElseThrow();
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            snapshot.write(
                new ByteArrayOutputStream(),
                SavedIndex.origin(ledger.events.getFirst()),
                Ledger.PEPPERS,
                () -> false));
  }

  @Test
  void aCancelledSnapshotCannotBeRead() throws Exception {
    var ledger = someKeys(2);
    var out = new ByteArrayOutputStream();
    boolean written =
        ledger
            .index
            .snapshot()
            .orElseThrow()
            .write(out, SavedIndex.origin(ledger.last()), Ledger.PEPPERS, () -> true);
    assertThat(written).isFalse();
    assertRefused(out.toByteArray(), "ends too early");
  }

  @Test
  void noBitCanBeChanged() {
    byte[] good = manyChunks().bytes();
    for (int i = 0; i < 300; i++) {
      int bit = i < 200 ? random.nextInt(8 * good.length) : i - 200; // and the first bytes
      byte[] changed = good.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatExceptionOfType(SnapshotRefusedException.class)
          .as("seed %s, bit %s", seed, bit)
          .isThrownBy(() -> new SavedIndex(changed).load(Ledger.PEPPERS));
    }
    assertThat(new SavedIndex(good).load().keys()).isPositive();
  }

  @Test
  void nothingCanBeCutOffOrAppended() {
    byte[] good = manyChunks().bytes();
    for (int i = 0; i < 100; i++) {
      int length = i < 50 ? random.nextInt(good.length) : good.length - 1 - (i - 50);
      byte[] cut = Arrays.copyOf(good, length);
      assertThatExceptionOfType(SnapshotRefusedException.class)
          .as("seed %s, length %s", seed, length)
          .isThrownBy(() -> new SavedIndex(cut).load(Ledger.PEPPERS));
    }
    assertRefused(Arrays.copyOf(good, good.length - 40), "ends too early");
    assertRefused(Arrays.copyOf(good, good.length + 1), "continues after its end");
  }

  @Test
  void noChunkCanBeLeftOutMovedOrTakenFromAnotherFile() {
    byte[] good = manyChunks().bytes();
    List<byte[]> chunks = chunks(good);
    assertThat(chunks.size()).isGreaterThan(5);
    int one = 2 + random.nextInt(chunks.size() - 4);

    var without = new ArrayList<>(chunks);
    without.remove(one);
    assertRefused(joined(without), "is damaged or forged");

    var swapped = new ArrayList<>(chunks);
    swapped.set(one, chunks.get(one + 1));
    swapped.set(one + 1, chunks.get(one));
    assertRefused(joined(swapped), "is damaged or forged");

    var twice = new ArrayList<>(chunks);
    twice.add(one, chunks.get(one));
    assertRefused(joined(twice), "is damaged or forged");

    // A second snapshot of the same index: equal except for its nonce.
    List<byte[]> others = chunks(manyChunks().bytes());
    var mixed = new ArrayList<>(chunks);
    mixed.set(one, others.get(one));
    assertRefused(joined(mixed), "is damaged or forged");
  }

  @Test
  void aFileThatIsNotASnapshotIsRejected() {
    assertRefused(new byte[0], "is not a snapshot");
    assertRefused("keyledger-index".getBytes(US_ASCII), "is not a snapshot");
    assertRefused(new byte[1000], "is not a snapshot");
  }

  @Test
  void anotherFormatIsRejected() {
    byte[] bytes = SavedIndex.of(someKeys(1).index).bytes();
    bytes[SnapshotOutput.MAGIC.length] = 1;
    assertRefused(bytes, "has format 1, which is not 2");
  }

  @Test
  void aMissingPepperIsNamed() {
    IndexSnapshot snapshot = someKeys(1).index.snapshot().orElseThrow();
    Peppers third = Peppers.parse("3:" + Ledger.pepper('3'));
    assertRefused(
        SavedIndex.of(snapshot, third).bytes(), "was made under pepper 3, which is not configured");
  }

  @Test
  void anotherPepperOfTheSameVersionDoesNotAuthenticateIt() {
    IndexSnapshot snapshot = someKeys(1).index.snapshot().orElseThrow();
    Peppers other = Peppers.parse("2:" + Ledger.pepper('x'));
    assertRefused(SavedIndex.of(snapshot, other).bytes(), "is damaged or forged");
  }

  @Test
  void aRetiredPepperStillAuthenticatesIt() throws Exception {
    SavedIndex saved = SavedIndex.of(someKeys(1).index);
    Peppers rotated =
        Peppers.parse(
            "3:" + Ledger.pepper('3') + ",2:" + Ledger.pepper('2') + ",1:" + Ledger.pepper('1'));
    assertThat(saved.load(rotated).keys()).isEqualTo(1);
  }

  @Test
  void readingBeforeAuthenticationIsLimited() throws Exception {
    assertRefused(claiming(SnapshotInput.CHUNK_BYTES_MAX + 1), "is damaged or forged");
    assertRefused(claiming(-1), "is damaged or forged");
    assertRefused(claiming(SnapshotInput.CHUNK_BYTES_MAX), "ends too early");
  }

  /**
   * A head that declares more or less than there is: written by a holder of the pepper, or by a
   * bug.
   */
  @Test
  void itContainsWhatItDeclares() throws Exception {
    var out = new ByteArrayOutputStream();
    var output = new SnapshotOutput(out, Ledger.PEPPERS, 2);
    output.item().octet(1);
    output.endChunk();
    output.item().octet(2);
    output.end();
    try (var input =
        new SnapshotInput(new ByteArrayInputStream(out.toByteArray()), Ledger.PEPPERS)) {
      assertThat(input.item().octet()).isEqualTo(1);
      assertThatExceptionOfType(SnapshotRefusedException.class)
          .isThrownBy(input::requireEnd)
          .withMessage("contains more than it declares");
    }
    try (var input =
        new SnapshotInput(new ByteArrayInputStream(out.toByteArray()), Ledger.PEPPERS)) {
      input.item().octet();
      input.item().octet();
      assertThatExceptionOfType(SnapshotRefusedException.class)
          .isThrownBy(input::item)
          .withMessage("contains less than it declares");
    }
  }

  private static Ledger keysOfManyKinds() {
    var ledger = new Ledger();
    Instant end = Ledger.START.plusSeconds(3600);
    KeyId one =
        ledger.issue(
            DEFAULT_SPEC
                .from(Ledger.START)
                .until(end, end.plusNanos(1))
                .fromAddresses("10.0.0.0/8"),
            ledger.secret());
    ledger.add(one, new KeySuspended());
    ledger.rotate(one, 2, ledger.secret(), end);
    ledger.add(one, new LeakReported(1));
    ledger.rotate(one, 3, ledger.secret(), end);
    KeyId other =
        ledger.importKey(DEFAULT_SPEC.in("other").of(Environment.TEST).under(1), ledger.secret());
    ledger.add(other, new KeyDescribed("caf\u00e9 \u20ac", Map.of("a", "b")));
    ledger.add(other, new PermissionsChanged(List.of("a:1"), List.of()));
    ledger.add(other, new RestrictionsChanged(List.of("2001:db8::/32")));
    ledger.add(other, new KeyRevoked(RevocationReason.LEAKED));
    ledger.addToWorkspace("other", new WorkspaceClosed());
    KeyId planned = ledger.issue(DEFAULT_SPEC, ledger.secret());
    ledger.rotate(planned, 2, ledger.secret(), end);
    ledger.add(planned, new RevocationPlanned(end, RevocationReason.OWNER_LEFT));
    ledger.add(
        ledger.issue(DEFAULT_SPEC, ledger.secret()), new SuspensionPlanned(end.plusNanos(1)));
    Instant before = Ledger.START.minusSeconds(7200);
    KeyId elsewhere = ledger.importKey(DEFAULT_SPEC, ledger.secret(), before, null, null);
    ledger.add(elsewhere, new KeySuspended());
    ledger.importKey(
        DEFAULT_SPEC, ledger.secret(), before, before.plusNanos(1000), RevocationReason.POLICY);
    ledger.issueAs(one, DEFAULT_SPEC.holding("keyledger:verify"), ledger.secret());
    ledger.addToWorkspace("default", new PolicyChanged(lettingOperatorsOutlive()));
    return ledger;
  }

  private static WorkspacePolicy lettingOperatorsOutlive() {
    WorkspacePolicy usual = WorkspacePolicy.DEFAULT;
    return new WorkspacePolicy(
        usual.defaultLifetime(),
        usual.maxLifetime(),
        usual.allowNoExpiry(),
        usual.renewalWindow(),
        usual.defaultOverlap(),
        usual.reminders(),
        usual.allowedPermissions(),
        usual.maxKeys(),
        true,
        null,
        null);
  }

  private static Ledger someKeys(int count) {
    var ledger = new Ledger();
    for (int i = 0; i < count; i++) {
      ledger.issue(DEFAULT_SPEC, ledger.secret());
    }
    return ledger;
  }

  /** Returns a snapshot of some hundred kilobytes, always with the same content. */
  private static SavedIndex manyChunks() {
    var history = new KeyHistory(new Random(1));
    for (int i = 0; i < 20_000; i++) {
      history.step(2);
    }
    return SavedIndex.of(history.ledger.index);
  }

  private static byte[] claiming(int length) {
    byte[] good = SavedIndex.of(someKeys(1).index).bytes();
    ByteBuffer.wrap(good).putInt(SnapshotOutput.PREFIX_BYTES, length);
    return good;
  }

  /** Splits a file into its prefix and its chunks. */
  private static List<byte[]> chunks(byte[] file) {
    var chunks = new ArrayList<byte[]>();
    chunks.add(Arrays.copyOf(file, SnapshotOutput.PREFIX_BYTES));
    int at = SnapshotOutput.PREFIX_BYTES;
    while (at < file.length) {
      int end = at + Integer.BYTES + ByteBuffer.wrap(file).getInt(at) + Digest.BYTES;
      chunks.add(Arrays.copyOfRange(file, at, end));
      at = end;
    }
    return chunks;
  }

  private static byte[] joined(List<byte[]> parts) {
    var joined = new ByteArrayOutputStream();
    parts.forEach(joined::writeBytes);
    return joined.toByteArray();
  }

  private static void assertRefused(byte[] bytes, String reason) {
    assertThatExceptionOfType(SnapshotRefusedException.class)
        .isThrownBy(() -> new SavedIndex(bytes).load(Ledger.PEPPERS))
        .withMessage(reason);
  }
}

package dev.keyledger.lifecycle.idempotency;

import dev.keyledger.events.Digest;
import dev.keyledger.log.AnswerRecord;
import dev.keyledger.log.AnswerRecords;
import java.util.List;
import javax.crypto.SecretKey;

/** A request with an Idempotency-Key, whose text form shows nothing of it. Immutable. */
public final class RepeatableRequest {
  /**
   * The request under one pepper.
   *
   * @param name the same for all requests of one caller with one Idempotency-Key
   * @param fingerprint the same for equal requests
   * @param sealingKey opens and seals the answer
   */
  record Form(Digest name, Digest fingerprint, SecretKey sealingKey) {
    @Override
    public String toString() {
      return "Form[" + name + "]";
    }
  }

  private final AnswerSeal seal;
  private final String caller;
  private final List<Form> forms;

  RepeatableRequest(AnswerSeal seal, String caller, List<Form> forms) {
    this.seal = seal;
    this.caller = caller;
    this.forms = List.copyOf(forms);
  }

  /** Returns the caller, in its workspace, to whose usage the bytes of the record count. */
  public String caller() {
    return caller;
  }

  /**
   * Returns all names under which its record may be stored, the one of the current pepper first.
   */
  public List<Digest> names() {
    return forms.stream().map(Form::name).toList();
  }

  List<Form> forms() {
    return forms;
  }

  /** Returns the fingerprint that distinguishes requests with the same name. */
  Digest fingerprint() {
    return forms.getFirst().fingerprint();
  }

  /** Returns the records of its answer to store. */
  public List<AnswerRecord> keep(StoredAnswer answer) {
    byte[] open = answer.toBytes();
    return forms.stream()
        .map(form ->
            new AnswerRecord(form.name(), form.fingerprint(), caller, seal.seal(form, open)))
        .toList();
  }

  /**
   * Returns whether a stored answer, found under one of the request's names, answers this very
   * request.
   */
  public boolean isAnsweredBy(AnswerRecords.Kept kept) {
    return formOf(kept).fingerprint().equals(kept.fingerprint());
  }

  /**
   * Returns a stored answer.
   *
   * @throws IllegalStateException if it is the answer to another request, or was altered since
   */
  public StoredAnswer open(AnswerRecords.Kept kept) {
    return StoredAnswer.parse(AnswerSeal.open(formOf(kept), kept.sealed()));
  }

  private Form formOf(AnswerRecords.Kept kept) {
    return forms.stream()
        .filter(form -> form.name().equals(kept.id()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("kept under another name"));
  }

  @Override
  public String toString() {
    return "RepeatableRequest[" + names().getFirst() + "]";
  }
}

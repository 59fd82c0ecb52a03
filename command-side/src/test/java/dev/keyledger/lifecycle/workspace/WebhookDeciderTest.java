package dev.keyledger.lifecycle.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WebhookChanged;
import dev.keyledger.events.WebhookCreated;
import dev.keyledger.events.WebhookDeleted;
import dev.keyledger.events.WebhookDisabled;
import dev.keyledger.events.WebhookDisabledReason;
import dev.keyledger.events.WebhookEnabled;
import dev.keyledger.events.WebhookKind;
import dev.keyledger.events.WebhookSecretRotated;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.Outcome.Accepted;
import dev.keyledger.lifecycle.Outcome.Reason;
import dev.keyledger.lifecycle.Outcome.Rejected;
import dev.keyledger.lifecycle.workspace.WebhookCommand.ChangeWebhook;
import dev.keyledger.lifecycle.workspace.WebhookCommand.CreateWebhook;
import dev.keyledger.lifecycle.workspace.WebhookCommand.DeleteWebhook;
import dev.keyledger.lifecycle.workspace.WebhookCommand.DisableWebhook;
import dev.keyledger.lifecycle.workspace.WebhookCommand.RotateWebhookSecret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Decisions about commands on webhooks. */
class WebhookDeciderTest {
  private static final String HOOK = "whk_01k00000000000000000000000";
  private static final Owner OWNER = new Owner(OwnerType.APP, "a");
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  private static final WebhookCreated CREATED =
      new WebhookCreated(HOOK, WebhookKind.HTTP, List.of("KeyIssued"), OWNER, "val_1", "val_2");

  private final List<LoggedEvent> history = new ArrayList<>();

  WebhookDeciderTest() {
    given(new WorkspaceOpened(WorkspacePolicy.DEFAULT));
  }

  @Test
  void aWebhookIsCreatedWithWhatTheCommandNames() {
    assertThat(
            events(new CreateWebhook("w", HOOK, WebhookKind.HTTP, null, OWNER, "val_1", "val_2")))
        .containsExactly(new WebhookCreated(HOOK, WebhookKind.HTTP, null, OWNER, "val_1", "val_2"));
  }

  @Test
  void aWorkspaceHasAHundredWebhooksAndNotOneMore() {
    for (int i = 0; i < WebhookDecider.WEBHOOKS_MAX - 1; i++) {
      given(created("whk_" + i));
    }
    assertThat(events(create("whk_100"))).hasSize(1);
    given(created("whk_100"));
    assertThat(reason(create("whk_101"))).isEqualTo(Reason.QUOTA_EXCEEDED);
    given(new WebhookDeleted("whk_7"));
    assertThat(events(create("whk_101"))).hasSize(1);
  }

  @Test
  void aChangeKeepsWhatItDoesNotNameAndSaysTheWholeResult() {
    given(CREATED);

    assertThat(events(change("val_3", null, null, null)))
        .containsExactly(new WebhookChanged(HOOK, List.of("KeyIssued"), OWNER, "val_3"));
    assertThat(events(change(null, List.of("KeyRevoked"), null, null)))
        .containsExactly(new WebhookChanged(HOOK, List.of("KeyRevoked"), OWNER, "val_1"));
    assertThat(events(change(null, null, null, null, "types", "owner")))
        .containsExactly(new WebhookChanged(HOOK, null, null, "val_1"));
    assertThat(events(change(null, List.of("KeyIssued"), OWNER, true))).isEmpty();
  }

  @Test
  void aWebhookIsDisabledAndEnabledOnce() {
    given(CREATED);
    assertThat(events(change(null, null, null, false)))
        .containsExactly(new WebhookDisabled(HOOK, WebhookDisabledReason.REQUESTED));
    given(new WebhookDisabled(HOOK, WebhookDisabledReason.GONE));
    assertThat(events(change(null, null, null, false))).isEmpty();
    assertThat(events(new DisableWebhook("w", HOOK, WebhookDisabledReason.GONE))).isEmpty();
    assertThat(events(change(null, null, null, true))).containsExactly(new WebhookEnabled(HOOK));
  }

  @Test
  void aSecretIsRotatedAgainOnceTheOverlapHasEnded() {
    given(CREATED);
    assertThat(events(rotate(NOW))).containsExactly(rotated());
    given(rotated());
    assertThat(reason(rotate(NOW.plusSeconds(3599)))).isEqualTo(Reason.ROTATION_IN_PROGRESS);
    assertThat(events(rotate(NOW.plusSeconds(3600)))).hasSize(1);
  }

  @Test
  void anUnknownOrDeletedWebhookIsNotFound() {
    assertAllAreNotFound();
    given(CREATED);
    given(new WebhookDeleted(HOOK));
    assertAllAreNotFound();
  }

  @Test
  void aWebhookOfAClosedWorkspaceCanOnlyBeDisabledAndDeleted() {
    given(CREATED);
    given(new WorkspaceClosed());
    for (WebhookCommand command :
        List.of(
            create("whk_2"),
            rotate(NOW),
            change(null, null, null, true),
            change(null, null, null, null),
            change("val_3", null, null, false),
            change(null, null, null, false, "types"))) {
      assertThat(reason(command)).as(command.toString()).isEqualTo(Reason.WORKSPACE_CLOSED);
    }
    assertThat(events(new DisableWebhook("w", HOOK, WebhookDisabledReason.GONE))).hasSize(1);
    assertThat(events(change(null, null, null, false)))
        .containsExactly(new WebhookDisabled(HOOK, WebhookDisabledReason.REQUESTED));
    given(new WebhookDisabled(HOOK, WebhookDisabledReason.REQUESTED));
    assertThat(events(change(null, null, null, false))).isEmpty();
    assertThat(reason(change(null, null, null, true))).isEqualTo(Reason.WORKSPACE_CLOSED);
    assertThat(events(new DeleteWebhook("w", HOOK))).containsExactly(new WebhookDeleted(HOOK));
  }

  @Test
  void aWebhookWithoutSecretHasNoneToRotate() {
    given(new WebhookCreated(HOOK, WebhookKind.EMAIL, null, null, "val_1", null));
    assertThat(reason(rotate(NOW))).isEqualTo(Reason.INVALID_FIELD);
  }

  @Test
  void afterTenThousandEventsAWebhookCanOnlyBeDeletedOrTurnOutToBeGone() {
    given(CREATED);
    while (history.size() < WebhookDecider.EVENTS_MAX - 1) {
      given(new WebhookChanged(HOOK, null, null, "val_1"));
    }
    assertThat(events(change("val_3", null, null, null))).hasSize(1);
    given(new WebhookChanged(HOOK, null, null, "val_3"));
    assertThat(reason(change("val_4", null, null, null))).isEqualTo(Reason.HISTORY_FULL);
    assertThat(reason(create("whk_2"))).isEqualTo(Reason.HISTORY_FULL);
    assertThat(reason(rotate(NOW))).isEqualTo(Reason.HISTORY_FULL);
    assertThat(events(new DisableWebhook("w", HOOK, WebhookDisabledReason.GONE))).hasSize(1);
    assertThat(events(new DeleteWebhook("w", HOOK))).containsExactly(new WebhookDeleted(HOOK));
  }

  private void assertAllAreNotFound() {
    for (WebhookCommand command :
        List.of(
            change(null, null, null, true),
            rotate(NOW),
            new DisableWebhook("w", HOOK, WebhookDisabledReason.GONE),
            new DeleteWebhook("w", HOOK))) {
      assertThat(reason(command)).as(command.toString()).isEqualTo(Reason.NOT_FOUND);
    }
  }

  private static WebhookCreated created(String id) {
    return new WebhookCreated(id, WebhookKind.HTTP, null, null, "val_1", "val_2");
  }

  private static CreateWebhook create(String id) {
    return new CreateWebhook("w", id, WebhookKind.HTTP, null, null, "val_1", "val_2");
  }

  private static ChangeWebhook change(
      @Nullable String target,
      @Nullable List<String> types,
      @Nullable Owner owner,
      @Nullable Boolean enabled,
      String... cleared) {
    return new ChangeWebhook("w", HOOK, target, types, owner, enabled, Set.of(cleared));
  }

  private static RotateWebhookSecret rotate(Instant now) {
    return new RotateWebhookSecret("w", HOOK, "val_9", now, Duration.ofHours(1));
  }

  private static WebhookSecretRotated rotated() {
    return new WebhookSecretRotated(HOOK, "val_9", NOW.plusSeconds(3600));
  }

  private void given(LedgerEvent event) {
    int number = history.size();
    history.add(
        new LoggedEvent(
            number + 1,
            StreamId.ofWorkspace("w"),
            number,
            "w",
            NOW,
            Actor.ROOT,
            "request",
            event,
            EventContext.NONE));
  }

  private List<LedgerEvent> events(WebhookCommand command) {
    Outcome outcome = WorkspaceDecider.decide(WorkspaceView.fold("w", history), command);
    assertThat(outcome).isInstanceOf(Accepted.class);
    return List.copyOf(((Accepted) outcome).events());
  }

  private Reason reason(WebhookCommand command) {
    Outcome outcome = WorkspaceDecider.decide(WorkspaceView.fold("w", history), command);
    assertThat(outcome).isInstanceOf(Rejected.class);
    return ((Rejected) outcome).reason();
  }
}

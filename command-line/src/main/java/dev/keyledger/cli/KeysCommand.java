package dev.keyledger.cli;

import dev.keyledger.client.Actor;
import dev.keyledger.client.Check;
import dev.keyledger.client.Decision;
import dev.keyledger.client.Environment;
import dev.keyledger.client.IssuedKey;
import dev.keyledger.client.Key;
import dev.keyledger.client.KeyFilter;
import dev.keyledger.client.Keyledger;
import dev.keyledger.client.Keys;
import dev.keyledger.client.NewKey;
import dev.keyledger.client.Owner;
import dev.keyledger.client.Renewal;
import dev.keyledger.client.RevocationReason;
import dev.keyledger.client.Rotation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The life of keys. */
@Command(name = "keys", description = "Issues, lists, renews, rotates, revokes and checks keys")
final class KeysCommand {
  private static final String KEY = "KEY_ID";
  private static final String ANY_ENVIRONMENT = "any";
  private static final Key.Status[] NOT_REVOKED = {
    Key.Status.ACTIVE, Key.Status.EXPIRED, Key.Status.NOT_YET_ACTIVE, Key.Status.SUSPENDED
  };

  private final Session session;

  KeysCommand(Session session) {
    this.session = session;
  }

  @Command(description = "Issues a key, and prints its secret once, alone, to standard output")
  void issue(
      @Parameters(paramLabel = "NAME", description = "What people call it") String name,
      @Option(
              names = "--owner",
              required = true,
              paramLabel = "TYPE:ID",
              description = "Who has it: app, service or user, and a reference")
          Owner owner,
      @Option(
              names = "--permission",
              paramLabel = "TEXT",
              description = "What it may do, such as read:users or read:*; repeatable")
          @Nullable List<String> permissions,
      @Mixin Expiry expiry,
      @Option(
              names = "--environment",
              paramLabel = "NAME",
              completionCandidates = Constants.Environments.class,
              description = "live or test; default: live")
          @Nullable Environment environment,
      @Option(names = "--not-before", paramLabel = "TIME", description = "When it becomes valid")
          @Nullable Instant notBefore,
      @Option(
              names = "--ip",
              paramLabel = "RANGE",
              description = "Address or CIDR range from which it may be used; repeatable")
          @Nullable List<String> addresses,
      @Option(
              names = "--metadata",
              paramLabel = "NAME=VALUE",
              description = "A note on it; repeatable")
          @Nullable Map<String, String> metadata,
      @Option(
              names = "--secret-sha256",
              paramLabel = "DIGEST",
              description = "SHA-256 of a secret that you have made, in hex or base64")
          @Nullable String secretSha256,
      @Mixin NewSecret newSecret,
      @Mixin CommandOptions because) {
    expiry.requireOne();
    NewKey key =
        NewKey.of(name, owner).permissions(texts(permissions)).ipAllowList(texts(addresses));
    if (expiry.expiresAt != null) {
      key.expiresAt(expiry.expiresAt);
    } else if (expiry.lifetime != null) {
      Duration lifetime = expiry.lifetime.duration();
      if (lifetime == null) {
        key.neverExpires();
      } else {
        key.lifetime(lifetime);
      }
    }
    if (environment != null) {
      key.environment(environment);
    }
    if (notBefore != null) {
      key.notBefore(notBefore);
    }
    if (metadata != null) {
      key.metadata(metadata);
    }
    if (secretSha256 != null) {
      key.secretSha256(secretSha256);
    }
    Keys keys = session.keyledger(because.options()).keys();
    print(newSecret, () -> keys.issue(key));
  }

  @Command(description = "Lists keys, newest first")
  void list(
      @Option(names = "--owner", paramLabel = "TYPE:ID", description = "Of these; repeatable")
          @Nullable List<Owner> owners,
      @Option(
              names = "--status",
              paramLabel = "NAME",
              completionCandidates = Constants.Statuses.class,
              description = "With this status; repeatable")
          @Nullable List<Key.Status> statuses,
      @Option(
              names = "--permission",
              paramLabel = "TEXT",
              description = "That hold this permission or pattern, literally; repeatable")
          @Nullable List<String> permissions,
      @Option(
              names = "--environment",
              paramLabel = "NAME",
              completionCandidates = Constants.Environments.class,
              description = "For live or test")
          @Nullable Environment environment,
      @Option(
              names = "--issued-by",
              paramLabel = "ACTOR",
              description = "Issued by root or operator:KEY_ID")
          @Nullable Actor issuedBy,
      @Option(names = "--expires-before", paramLabel = "TIME", description = "That expire before")
          @Nullable Instant expiresBefore,
      @Option(names = "--unused-since", paramLabel = "TIME", description = "Not used since then")
          @Nullable Instant unusedSince,
      @Option(
              names = "--text",
              paramLabel = "TEXT",
              description = "With this in the name or owner, or as the start of the id")
          @Nullable String text,
      @Mixin Paging paging) {
    KeyFilter filter = KeyFilter.all().limit(paging.page());
    if (owners != null) {
      filter.owner(owners.toArray(Owner[]::new));
    }
    if (statuses != null) {
      filter.status(statuses.toArray(Key.Status[]::new));
    }
    if (permissions != null) {
      filter.permission(texts(permissions));
    }
    if (environment != null) {
      filter.environment(environment);
    }
    if (issuedBy != null) {
      filter.issuedBy(issuedBy);
    }
    if (expiresBefore != null) {
      filter.expiresBefore(expiresBefore);
    }
    if (unusedSince != null) {
      filter.unusedSince(unusedSince);
    }
    if (text != null) {
      filter.text(text);
    }
    paging.print(session.output(), () -> session.keyledger().keys().all(filter), Views.KEY);
  }

  @Command(description = "Shows a key, now or at a time in the past")
  void show(
      @Parameters(paramLabel = KEY, description = "Id of the key") String keyId,
      @Option(names = "--at", paramLabel = "TIME", description = "As it was then")
          @Nullable Instant at) {
    Keys keys = session.keyledger().keys();
    session.output().one(at == null ? keys.get(keyId) : keys.getAt(keyId, at), Views.KEY);
  }

  @Command(description = "Lets a key be valid for longer")
  void renew(
      @Parameters(paramLabel = KEY, description = "Id of the key") String keyId,
      @Mixin Expiry expiry,
      @Option(names = "--allow-shorter", description = "Let it expire earlier than now, too")
          boolean allowShorter,
      @Mixin ChangeOptions change) {
    expiry.requireOne();
    Duration lifetime = expiry.lifetime == null ? null : expiry.lifetime.duration();
    Renewal renewal =
        expiry.expiresAt != null
            ? Renewal.until(expiry.expiresAt)
            : lifetime != null
                ? Renewal.lifetime(lifetime)
                : expiry.lifetime != null ? Renewal.forever() : Renewal.byPolicy();
    if (allowShorter) {
      renewal.allowShorter();
    }
    change(change, "renew", keyId, keys -> keys.renew(keyId, renewal));
  }

  @Command(
      description = {
        "Gives a key a new secret, and prints it once, alone, to standard output.",
        "The old one stays valid for the overlap."
      })
  void rotate(
      @Parameters(paramLabel = KEY, description = "Id of the key") String keyId,
      @Option(
              names = "--overlap",
              paramLabel = "DURATION",
              description = "How long the old secret stays valid; default: the policy's")
          @Nullable Duration overlap,
      @Option(names = "--close-overlap", description = "End an overlap that is still open")
          boolean closeOverlap,
      @Mixin Expiry expiry,
      @Mixin NewSecret newSecret,
      @Mixin ChangeOptions change) {
    expiry.requireOne();
    Rotation rotation = overlap == null ? Rotation.byPolicy() : Rotation.overlap(overlap);
    if (closeOverlap) {
      rotation.closeOverlap();
    }
    if (expiry.expiresAt != null) {
      rotation.expiresAt(expiry.expiresAt);
    } else if (expiry.lifetime != null) {
      Duration lifetime = expiry.lifetime.duration();
      if (lifetime == null) {
        throw new RefusedException(
            ExitCode.USAGE,
            "A rotation sets no endless life: renew the key with --lifetime never.");
      }
      rotation.lifetime(lifetime);
    }
    Keys keys = session.keyledger(change.options()).keys();
    if (change.dryRun) {
      dryRun("rotate", Stream.of(keys.get(keyId)));
    } else {
      print(newSecret, () -> keys.rotate(keyId, rotation));
    }
  }

  @Command(name = "retire-secret", description = "Ends the overlap of a rotation")
  void retireSecret(
      @Parameters(paramLabel = KEY, description = "Id of the key") String keyId,
      @Mixin ChangeOptions change) {
    change(change, "retire the old secret of", keyId, keys -> keys.retireSecret(keyId));
  }

  @Command(description = "Suspends a key until it is resumed")
  void suspend(
      @Parameters(paramLabel = KEY, description = "Id of the key") String keyId,
      @Option(names = "--at", paramLabel = "TIME", description = "From then on")
          @Nullable Instant at,
      @Mixin ChangeOptions change) {
    change(
        change,
        "suspend",
        keyId,
        keys -> at == null ? keys.suspend(keyId) : keys.suspendAt(keyId, at));
  }

  @Command(description = "Ends a suspension")
  void resume(
      @Parameters(paramLabel = KEY, description = "Id of the key") String keyId,
      @Mixin ChangeOptions change) {
    change(change, "resume", keyId, keys -> keys.resume(keyId));
  }

  @Command(description = "Revokes a key, or all keys of an owner, for ever")
  void revoke(
      @Parameters(paramLabel = KEY, arity = "0..1", description = "Id of the key")
          @Nullable String keyId,
      @Option(names = "--owner", paramLabel = "TYPE:ID", description = "All keys of this owner")
          @Nullable Owner owner,
      @Option(
              names = "--because",
              paramLabel = "CODE",
              defaultValue = "unspecified",
              completionCandidates = Constants.Reasons.class,
              description = "One of ${COMPLETION-CANDIDATES}")
          RevocationReason because,
      @Option(names = "--cascade", description = "And every key that it has issued, and so on")
          boolean cascade,
      @Option(names = "--at", paramLabel = "TIME", description = "From then on")
          @Nullable Instant at,
      @Mixin ChangeOptions change) {
    if ((keyId == null) == (owner == null) || (at != null && (cascade || owner != null))) {
      throw new RefusedException(
          ExitCode.USAGE, "Name a key or --owner, and --at or --cascade with a key only.");
    }
    Keys keys = session.keyledger(change.options()).keys();
    if (owner != null) {
      if (change.dryRun) {
        dryRun("revoke", keys.all(KeyFilter.all().owner(owner).status(NOT_REVOKED)));
      } else {
        revoked(change, () -> keys.revokeAllOf(owner, because));
      }
    } else if (keyId != null && cascade) {
      if (change.dryRun) {
        dryRun("revoke", descent(keys, keyId));
      } else {
        revoked(change, () -> keys.revokeWithDescendants(keyId, because));
      }
    } else if (keyId != null) {
      change(
          change,
          "revoke",
          keyId,
          all -> at == null ? all.revoke(keyId, because) : all.revokeAt(keyId, at, because));
    }
  }

  /** Returns a key and all that descend from it by issuing. */
  private static Stream<Key> descent(Keys keys, String keyId) {
    var found = new LinkedHashMap<String, Key>();
    found.put(keyId, keys.get(keyId));
    var open = new ArrayDeque<>(List.of(keyId));
    while (!open.isEmpty()) {
      var issuer = new Actor("operator", open.remove());
      keys.all(KeyFilter.all().issuedBy(issuer).limit(200))
          .forEach(key -> {
            if (found.putIfAbsent(key.keyId(), key) == null) {
              open.add(key.keyId());
            }
          });
    }
    return found.values().stream();
  }

  /** Repeats a revocation until no keys remain. */
  private void revoked(ChangeOptions change, Supplier<Keys.Revoked> command) {
    if (change.idempotencyKey != null) {
      throw new RefusedException(
          ExitCode.USAGE, "--idempotency-key is for one command; repeat this one without it.");
    }
    var keyIds = new ArrayList<String>();
    Keys.Revoked revoked;
    do {
      revoked = command.get();
      keyIds.addAll(revoked.keyIds());
    } while (revoked.more());
    if (session.output().json()) {
      session.output().line(Json.write(Map.of("revoked", keyIds)));
    } else {
      keyIds.forEach(session.output()::line);
      session.output().note("Revoked: " + keyIds.size());
    }
  }

  @Command(description = "Lists everything that happened to a key, oldest first")
  void history(
      @Parameters(paramLabel = KEY, description = "Id of the key") String keyId,
      @Mixin Paging paging) {
    paging.print(session.output(), () -> session.keyledger().keys().history(keyId), Views.ENTRY);
  }

  @Command(
      description = {
        "Checks a secret, which it reads from standard input or a file.",
        "The exit code is 0 if the key is valid, 1 if it is not."
      })
  int verify(
      @Option(
              names = "--secret-file",
              paramLabel = "FILE",
              defaultValue = "-",
              description = "File with the secret; default: - for standard input")
          String secretFile,
      @Option(
              names = "--permission",
              paramLabel = "TEXT",
              description = "What it must all hold; repeatable")
          @Nullable List<String> allOf,
      @Option(
              names = "--any-permission",
              paramLabel = "TEXT",
              description = "Of which it must hold one; repeatable")
          @Nullable List<String> anyOf,
      @Option(names = "--ip", paramLabel = "ADDRESS", description = "Where the client is")
          @Nullable String address,
      @Option(
              names = "--environment",
              paramLabel = "NAME",
              defaultValue = "live",
              completionCandidates = Constants.Environments.class,
              description = "live, test or any; default: live")
          String environment,
      @Option(names = "--explain", description = "Print the outcome of every condition")
          boolean explain,
      @Option(names = "--at", paramLabel = "TIME", description = "As it would have been then")
          @Nullable Instant at) {
    Environment required =
        environment.equals(ANY_ENVIRONMENT)
            ? null
            : Constants.parse(Environment.class, environment);
    Keyledger keyledger = session.keyledger();
    Check check =
        Check.of(session.secretIn(secretFile, "Secret to check: ").reveal())
            .allOf(texts(allOf))
            .anyOf(texts(anyOf))
            .ip(address);
    check = required == null ? check.anyEnvironment() : check.environment(required);
    check = explain ? check.explained() : check;
    Decision decision =
        at == null ? keyledger.checks().verify(check) : keyledger.checks().verifyAt(check, at);
    session.output().one(decision, Views.DECISION);
    return (decision.valid() ? ExitCode.DONE : ExitCode.NO).number();
  }

  private void print(NewSecret newSecret, Supplier<IssuedKey> command) {
    newSecret.print(session, command, IssuedKey::key, IssuedKey::secret, Views.KEY);
  }

  private void change(
      ChangeOptions change, String what, String keyId, Function<Keys, Key> command) {
    Keys keys = session.keyledger(change.options()).keys();
    if (change.dryRun) {
      dryRun(what, Stream.of(keys.get(keyId)));
    } else {
      session.output().one(command.apply(keys), Views.KEY);
    }
  }

  private void dryRun(String what, Stream<Key> keys) {
    session.output().note("Nothing is done. Without --dry-run, this would " + what + ":");
    session.output().list(keys, Views.KEY);
  }

  private static String[] texts(@Nullable List<String> given) {
    return given == null ? new String[0] : given.toArray(String[]::new);
  }
}

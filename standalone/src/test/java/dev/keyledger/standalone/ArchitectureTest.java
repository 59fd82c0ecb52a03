package dev.keyledger.standalone;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.keyledger.benchmarks.seeding.SeededKeys;
import dev.keyledger.checking.http.fast.ListeningPort;
import dev.keyledger.delivery.webhook.SigningSecret;
import dev.keyledger.events.Environment;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.lifecycle.http.SecretMint;
import dev.keyledger.log.AppliedLog;
import dev.keyledger.log.PositionWatch;
import dev.keyledger.log.receipts.Receipts;
import dev.keyledger.supervision.SupervisedThread;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verifylog.CannotCheckException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Timer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.NullMarked;
import org.springframework.web.bind.annotation.RequestMapping;

/** The structure that docs/architecture.md describes, as rules. */
@AnalyzeClasses(packages = "dev.keyledger", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String BENCHMARKS = "dev.keyledger.benchmarks..";
  private static final String[] COMMAND_SIDE = {
    "dev.keyledger.command..", "dev.keyledger.lifecycle.."
  };
  private static final String[] QUERY_SIDE = {
    "dev.keyledger.query..",
    "dev.keyledger.audit..",
    "dev.keyledger.checking..",
    "dev.keyledger.directory..",
    "dev.keyledger.feed..",
    "dev.keyledger.pointintime..",
    "dev.keyledger.projection..",
    "dev.keyledger.proofs.."
  };
  private static final String STARTER = "dev.keyledger.spring..";
  private static final String COMMAND_LINE = "dev.keyledger.cli..";
  private static final String DELIVERY = "dev.keyledger.delivery..";
  private static final String[] FRAMEWORK_ROOMS = {
    "dev.keyledger..axon..",
    "dev.keyledger..http..",
    "dev.keyledger.node..",
    "dev.keyledger.command..",
    "dev.keyledger.query..",
    "dev.keyledger.standalone..",
    STARTER,
    BENCHMARKS
  };

  @ArchTest
  static final ArchRule eventsNeedTheJdkAlone =
      classes()
          .that()
          .resideInAPackage("dev.keyledger.events..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage("java..", "org.jspecify..", "dev.keyledger.events.."));

  @ArchTest
  static final ArchRule conditionsNeedTheJdkAlone =
      classes()
          .that()
          .resideInAPackage("dev.keyledger.conditions..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage("java..", "org.jspecify..", "dev.keyledger.conditions.."));

  @ArchTest
  static final ArchRule theClientNeedsTheJdkAndConditionsAlone =
      classes()
          .that()
          .resideInAPackage("dev.keyledger.client..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                  "java..",
                  "org.jspecify..",
                  "com.google.errorprone.annotations..",
                  "dev.keyledger.conditions..",
                  "dev.keyledger.client.."));

  @ArchTest
  static final ArchRule theServiceNeverUsesTheClient =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.keyledger.client..", STARTER, COMMAND_LINE, BENCHMARKS)
          .should()
          .dependOnClassesThat(resideInAnyPackage("dev.keyledger.client..", STARTER));

  @ArchTest
  static final ArchRule theStarterNeedsNothingOfTheService =
      classes()
          .that()
          .resideInAPackage(STARTER)
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage("dev.keyledger.client..", "dev.keyledger.conditions..", STARTER)
                  .or(not(resideInAPackage("dev.keyledger.."))));

  @ArchTest
  static final ArchRule theCommandLineIsAClient =
      classes()
          .that()
          .resideInAPackage(COMMAND_LINE)
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                  "java..",
                  "javax.net.ssl..",
                  "org.jspecify..",
                  "picocli..",
                  "dev.keyledger.conditions..",
                  "dev.keyledger.client..",
                  COMMAND_LINE));

  @ArchTest
  static final ArchRule verificationNeedsTheJdkEventsAndConditionsAlone =
      classes()
          .that()
          .resideInAPackage("dev.keyledger.verification..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                  "java..",
                  "javax.crypto..",
                  "org.jspecify..",
                  "com.google.errorprone.annotations..",
                  "dev.keyledger.conditions..",
                  "dev.keyledger.events..",
                  "dev.keyledger.verification.."));

  @ArchTest
  static final ArchRule theLogKnowsNoSecretsAndNoSpring =
      noClasses()
          .that()
          .resideInAPackage("dev.keyledger.log..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("dev.keyledger.verification..", "org.springframework.."));

  @ArchTest
  static final ArchRule theCommandSideNeverReadsAProjection =
      noClasses()
          .that()
          .resideInAnyPackage(COMMAND_SIDE)
          .should()
          .dependOnClassesThat(resideInAnyPackage(QUERY_SIDE));

  @ArchTest
  static final ArchRule theQuerySideNeverSeesACommand =
      noClasses()
          .that()
          .resideInAnyPackage(QUERY_SIDE)
          .should()
          .dependOnClassesThat(resideInAnyPackage(COMMAND_SIDE));

  @ArchTest
  static final ArchRule theDeliveryKnowsNeitherSideAndNothingOfTheNode =
      noClasses()
          .that()
          .resideInAPackage(DELIVERY)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(COMMAND_SIDE)
                  .or(resideInAnyPackage(QUERY_SIDE))
                  .or(resideInAPackage("dev.keyledger.node.."))
                  .or(resideInAPackage("org.axonframework..")));

  @ArchTest
  static final ArchRule theQuerySideDeliversNothing =
      noClasses()
          .that()
          .resideInAnyPackage(QUERY_SIDE)
          .should()
          .dependOnClassesThat(resideInAPackage(DELIVERY));

  @ArchTest
  static final ArchRule onlyWebhooksSendRequests =
      noClasses()
          .that(not(resideInAPackage("dev.keyledger.delivery.webhook..")))
          .should()
          .dependOnClassesThat(resideInAPackage("org.apache.hc.."));

  @ArchTest
  static final ArchRule theCheckSharesNothingWithWhatItChecks =
      classes()
          .that()
          .resideInAPackage("dev.keyledger.check..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                      "java..", "org.jspecify..", "tools.jackson..", "dev.keyledger.check..")
                  .or(equivalentTo(CannotCheckException.class)));

  @ArchTest
  static final ArchRule theVerifierSharesNothingWithTheWriter =
      classes()
          .that()
          .resideInAPackage("dev.keyledger.verifylog..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                  "java..",
                  "org.jspecify..",
                  "org.postgresql..",
                  "tools.jackson..",
                  "dev.keyledger.verifylog.."));

  @ArchTest
  static final ArchRule theProductNeverUsesABenchmark =
      noClasses()
          .that(not(resideInAPackage(BENCHMARKS)))
          .should()
          .dependOnClassesThat(resideInAPackage(BENCHMARKS));

  @ArchTest
  static final ArchRule axonStaysInItsRooms =
      noClasses()
          .that(not(resideInAPackage("dev.keyledger..axon..")))
          .should()
          .dependOnClassesThat(resideInAPackage("org.axonframework.."));

  @ArchTest
  static final ArchRule axonCarriesCommandsAndNothingElse =
      noClasses()
          .that()
          .resideInAnyPackage(QUERY_SIDE)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("org.axonframework..", "dev.keyledger.log.axon.."));

  @ArchTest
  static final ArchRule springStaysInItsRooms =
      noClasses()
          .that(not(resideInAnyPackage(FRAMEWORK_ROOMS)))
          .should()
          .dependOnClassesThat(resideInAPackage("org.springframework.."));

  @ArchTest
  static final ArchRule theDomainNeverImportsAFrameworkRoom =
      noClasses()
          .that(not(resideInAnyPackage(FRAMEWORK_ROOMS)))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("dev.keyledger..http..", "dev.keyledger..axon.."));

  @ArchTest
  static final ArchRule requestsWaitInOnePlace =
      noClasses()
          .that()
          .resideInAPackage("dev.keyledger..http..")
          .and()
          .resideOutsideOfPackage("dev.keyledger.http.freshness..")
          .should()
          .callMethodWhere(
              target(nameStartingWith("await"))
                  .and(
                      target(owner(assignableTo(AppliedLog.class)))
                          .or(target(owner(assignableTo(PositionWatch.class))))
                          .or(target(owner(assignableTo(Receipts.class))))))
          .orShould()
          .callMethodWhere(target(owner(assignableTo(LockSupport.class))))
          .orShould()
          .callMethod(Thread.class, "sleep", Duration.class)
          .orShould()
          .callMethod(Thread.class, "sleep", long.class);

  @ArchTest
  static final ArchRule packagesFormNoCycle =
      slices().matching("dev.keyledger.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule secretsAreRevealedToTheirCallerOnly =
      methods()
          .that()
          .areDeclaredIn(KeySecret.class)
          .and()
          .haveName("revealToItsCaller")
          .should()
          .onlyBeCalled()
          .byClassesThat()
          .haveNameMatching(
              "dev\\.keyledger\\.(lifecycle\\.(http\\.(IdempotentAnswers|GitHubLeakController)|idempotency\\.StoredAnswer)"
                  + "|benchmarks\\..*)"); // whose keys are never real

  @ArchTest
  static final ArchRule signingSecretsAreRevealedToTheirCallerOnly =
      methods()
          .that()
          .areDeclaredIn(SigningSecret.class)
          .and()
          .haveName("revealToItsCaller")
          .should()
          .onlyBeCalled()
          .byClassesThat()
          .haveNameMatching("dev\\.keyledger\\.lifecycle\\.http\\.WebhookController.*");

  /** The exception needs no credential, if a setting says so. */
  @ArchTest
  static final ArchRule everyRequestStatesWhatItsCallerNeeds =
      methods()
          .that()
          .haveRawParameterTypes(
              describe(
                  "with an ApiCall",
                  types -> types.stream().anyMatch(type -> type.isEquivalentTo(ApiCall.class))))
          .and()
          .areMetaAnnotatedWith(RequestMapping.class)
          .and()
          .areDeclaredInClassesThat()
          .haveNameNotMatching(".*\\.CheckpointController")
          .should()
          .beAnnotatedWith(Needs.class);

  @ArchTest
  static final ArchRule secretsAreMadeInOnePlace =
      noClasses()
          .that()
          .doNotBelongToAnyOf(SecretMint.class, SeededKeys.class)
          .should()
          .callMethod(KeyFormat.class, "mint", Environment.class, SecureRandom.class);

  /**
   * The rule that threads are supervised, except short-lived virtual threads and those that end
   * with the process. The ticks of answers survive exceptions of their tasks, each request of the
   * container has its own thread, and readiness covers the event loops of the other ports. The
   * client runs in other processes.
   */
  @ArchTest
  static final ArchRule threadsAreSupervised =
      noClasses()
          .that()
          .doNotBelongToAnyOf(SupervisedThread.class)
          .and()
          .resideOutsideOfPackages("dev.keyledger.launch..", "dev.keyledger.client..", BENCHMARKS)
          .and(not(belongToAnyOf(StandaloneApplication.class, ListeningPort.class)))
          .and()
          .doNotHaveFullyQualifiedName("dev.keyledger.lifecycle.http.TimingSafeAnswers")
          .and()
          .doNotHaveFullyQualifiedName("dev.keyledger.http.ContainerConfiguration")
          .should()
          .callMethod(Thread.class, "ofPlatform")
          .orShould()
          .callConstructorWhere(target(owner(assignableTo(Thread.class))))
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Executors.class)
          .orShould()
          .callConstructorWhere(target(owner(assignableTo(ExecutorService.class))))
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Timer.class);

  @ArchTest
  static final ArchRule timeComesFromAnInjectedClock =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class);

  @ArchTest
  static final ArchRule namesSayWhatThingsAre =
      noClasses().should().haveNameMatching(".*(Impl|Manager|Helper|Utils?|Common)");

  @ArchTest
  static void everyPackageIsNullMarked(JavaClasses all) {
    var packages =
        all.stream()
            .filter(type -> !type.isNestedClass())
            .map(JavaClass::getPackage)
            .filter(room -> !room.getRelativeName().equals("jmh_generated"))
            .distinct();
    assertThat(packages)
        .allSatisfy(
            room -> assertThat(room.isAnnotatedWith(NullMarked.class)).as(room.getName()).isTrue())
        .extracting(JavaPackage::getName)
        .contains("dev.keyledger.events", "dev.keyledger.standalone");
  }
}

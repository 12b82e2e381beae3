package dev.heirloom.bench;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between modules, and each library in its room. */
@AnalyzeClasses(packages = "dev.heirloom", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String PROTO = "dev.heirloom.proto..";
  private static final String RUNTIME = "dev.heirloom.runtime..";
  private static final String INHERITANCE = "dev.heirloom.inheritance..";
  private static final String TRANSPORT = "dev.heirloom.transport..";
  private static final String ACTORS = "dev.heirloom.actors..";
  private static final String EDGE = "dev.heirloom.edge..";
  private static final String CONTROL = "dev.heirloom.control..";
  private static final String BENCH = "dev.heirloom.bench..";

  @ArchTest static final ArchRule proto = mayUse(PROTO, PROTO);
  @ArchTest static final ArchRule runtime = mayUse(RUNTIME, RUNTIME, PROTO);

  @ArchTest static final ArchRule inheritance = mayUse(INHERITANCE, INHERITANCE, RUNTIME, PROTO);

  @ArchTest static final ArchRule transport = mayUse(TRANSPORT, TRANSPORT, PROTO);
  @ArchTest static final ArchRule actors = mayUse(ACTORS, ACTORS, RUNTIME);
  @ArchTest static final ArchRule edge = mayUse(EDGE, EDGE, RUNTIME, TRANSPORT, PROTO);

  @ArchTest
  static final ArchRule control =
      mayUse(CONTROL, CONTROL, ACTORS, INHERITANCE, RUNTIME, TRANSPORT, PROTO);

  @ArchTest
  static final ArchRule nothingUsesBench =
      noClasses()
          .that()
          .resideOutsideOfPackage(BENCH)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(BENCH);

  @ArchTest
  static final ArchRule runtimeIsFreeOfServersAndTraining =
      isFreeOf(RUNTIME, "org.nd4j..", "org.bytedeco..", "org.apache.pekko..", "io.grpc..");

  /** A device need not carry java.desktop. */
  @ArchTest
  static final ArchRule devicesAreFreeOfTheDesktop =
      noClasses()
          .that()
          .resideInAnyPackage(PROTO, RUNTIME, TRANSPORT, ACTORS, EDGE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.awt..", "javax.imageio..", "javax.swing..");

  @ArchTest
  static final ArchRule inheritanceIsFreeOfActorsAndCalls =
      isFreeOf(INHERITANCE, "org.apache.pekko..", "io.grpc..");

  @ArchTest
  static final ArchRule actorsAreFreeOfCallsAndStorage =
      isFreeOf(
          ACTORS, "io.grpc..", "org.apache.pekko.http..", "java.sql..", "javax.sql..", "org.h2..");

  @ArchTest
  static final ArchRule factorMathsHasOneRoom =
      only(
          resideInAnyPackage("org.nd4j..", "org.bytedeco.openblas.."),
          "dev.heirloom.inheritance.factor..",
          BENCH);

  @ArchTest
  static final ArchRule libtorchHasOneRoom =
      only(
          resideInAPackage("org.bytedeco.pytorch.."), "dev.heirloom.inheritance.training..", BENCH);

  @ArchTest
  static final ArchRule onnxRuntimeHasOneRoom =
      only(resideInAPackage("ai.onnxruntime.."), "dev.heirloom.runtime.session..");

  @ArchTest
  static final ArchRule grpcHasItsRooms =
      only(
          resideInAPackage("io.grpc.."),
          "dev.heirloom..grpc..",
          "dev.heirloom.edge.link..",
          "dev.heirloom.edge.serving..",
          TRANSPORT,
          PROTO);

  @ArchTest
  static final ArchRule certificatesAreMadeInOneRoom =
      only(resideInAPackage("org.bouncycastle.."), "dev.heirloom.control.certificate..");

  @ArchTest
  static final ArchRule internalsStayInTheirModule =
      noClasses()
          .that()
          .resideOutsideOfPackage("..internal..")
          .should()
          .dependOnClassesThat(resideInAPackage("dev.heirloom..internal.."))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule namesSayWhatThingsAre =
      classes()
          .that()
          .resideOutsideOfPackage(PROTO)
          .should()
          .haveSimpleNameNotContaining("Manager")
          .andShould()
          .haveSimpleNameNotContaining("Helper")
          .andShould()
          .haveSimpleNameNotContaining("Util")
          .andShould()
          .haveSimpleNameNotEndingWith("Processor")
          .andShould()
          .haveSimpleNameNotEndingWith("Data")
          .andShould()
          .haveSimpleNameNotEndingWith("Info");

  private static ArchRule mayUse(String module, String... allowed) {
    DescribedPredicate<JavaClass> foreign =
        resideInAPackage("dev.heirloom..").and(DescribedPredicate.not(resideInAnyPackage(allowed)));
    return noClasses().that().resideInAPackage(module).should().dependOnClassesThat(foreign);
  }

  private static ArchRule isFreeOf(String module, String... forbidden) {
    return noClasses()
        .that()
        .resideInAPackage(module)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden);
  }

  private static ArchRule only(DescribedPredicate<JavaClass> library, String... rooms) {
    return noClasses().that().resideOutsideOfPackages(rooms).should().dependOnClassesThat(library);
  }
}

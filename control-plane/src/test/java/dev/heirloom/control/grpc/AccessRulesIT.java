package dev.heirloom.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.heirloom.control.access.AccessRule;
import dev.heirloom.control.access.AccessRules;
import dev.heirloom.control.access.Identity;
import dev.heirloom.control.access.Role;
import dev.heirloom.control.access.Scope;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Every method there is, called by everybody there is, about a device of his own and about another,
 * over TLS; what is expected stands in {@code docs/reference/access.md}.
 */
class AccessRulesIT {
  private static final Path PAGE = Path.of("..", "docs", "reference", "access.md");
  private static final String OWN = "cam-1";
  private static final String OTHER = "lab-7";

  private final SecuredServer server;

  AccessRulesIT() throws Exception {
    server = SecuredServer.ofEveryMethod();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  /**
   * A line of the page.
   *
   * @param may columns with a yes
   * @param field where the request names its device
   */
  private record Line(Set<String> may, Optional<String> field) {
    /** Of a method that the page leaves out. */
    static final Line NOBODY = new Line(Set.of(), Optional.empty());
  }

  private static Map<String, Line> page() throws Exception {
    Map<String, Line> lines = new LinkedHashMap<>();
    List<String> columns = List.of();
    for (String line : Files.readAllLines(PAGE)) {
      List<String> cells =
          Stream.of(line.split("\\|", -1)).map(cell -> cell.strip().replace("`", "")).toList();
      if (cells.size() > 3 && cells.get(1).equals("method")) {
        columns = cells.subList(2, cells.size() - 2);
      }
      if (cells.size() == columns.size() + 4 && cells.get(1).matches("[A-Za-z]+/[A-Za-z]+")) {
        Set<String> may = new TreeSet<>();
        for (int i = 0; i < columns.size(); i++) {
          if (cells.get(2 + i).equals("yes")) {
            may.add(columns.get(i));
          }
        }
        lines.put(
            cells.get(1),
            new Line(
                may, Optional.of(cells.get(cells.size() - 2)).filter(name -> !name.isEmpty())));
      }
    }
    return lines;
  }

  private static String brief(MethodDescriptor<?, ?> method) {
    String name = method.getFullMethodName();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  @Test
  void everyMethodHasARuleAndEveryRuleAMethod() throws Exception {
    Set<String> methods = new TreeSet<>();
    server.methods().forEach(method -> methods.add(brief(method)));
    assertThat(page().keySet()).containsExactlyInAnyOrderElementsOf(methods);
    assertThat(AccessRules.all().stream().map(AccessRule::brief))
        .containsExactlyInAnyOrderElementsOf(methods);
  }

  @Test
  void everybodyMayDoWhatThePageSaysAndNothingElse() throws Exception {
    Map<String, Line> page = page();
    List<String> wrong = new ArrayList<>();
    int calls = 0;
    List<Who> everybody = everybody();
    for (MethodDescriptor<?, ?> method : server.methods()) {
      Line line = page.getOrDefault(brief(method), Line.NOBODY);
      for (Who who : everybody) {
        for (String about : List.of(OWN, OTHER)) {
          Status.Code code = server.call(who.caller(), method, request(method, line, about));
          Status.Code expected = expected(who, line, about);
          calls++;
          if (code != expected) {
            wrong.add(
                "%s by %s about %s: %s (expected: %s)"
                    .formatted(brief(method), who.name(), about, code, expected));
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(calls).isEqualTo(server.methods().size() * everybody.size() * 2);
  }

  /**
   * Somebody who calls.
   *
   * @param column of the page
   * @param scope devices that he may call about
   */
  private record Who(String name, String column, Scope scope, ManagedChannel caller) {}

  private List<Who> everybody() {
    Scope cameras = new Scope(List.of("cam-*"));
    return List.of(
        new Who("nobody", "nobody", Scope.FLEET, server.nobody()),
        new Who("viewer", "viewer", Scope.FLEET, server.bearer(Role.VIEWER, Scope.FLEET)),
        new Who("operator", "operator", Scope.FLEET, server.bearer(Role.OPERATOR, Scope.FLEET)),
        new Who("admin", "admin", Scope.FLEET, server.bearer(Role.ADMIN, Scope.FLEET)),
        new Who("cameras' viewer", "viewer", cameras, server.bearer(Role.VIEWER, cameras)),
        new Who("cameras' operator", "operator", cameras, server.bearer(Role.OPERATOR, cameras)),
        new Who("enrolment", "none", Scope.FLEET, server.bearer(Role.ENROLMENT, Scope.FLEET)),
        new Who("trainer", "trainer", Scope.FLEET, server.bearer(Role.TRAINER, Scope.FLEET)),
        new Who("cameras' trainer", "trainer", cameras, server.bearer(Role.TRAINER, cameras)),
        new Who("device", "device", new Scope(List.of(OWN)), server.device(OWN)));
  }

  private static Status.Code expected(Who who, Line line, String about) {
    if (line.may().contains("nobody")) {
      // Open to all; a device still speaks for itself only.
      boolean itself = who.column().equals("device") && line.field().isPresent();
      return itself && !about.equals(OWN) ? Status.Code.PERMISSION_DENIED : Status.Code.OK;
    }
    if (who.column().equals("nobody")) {
      return Status.Code.UNAUTHENTICATED;
    }
    if (!line.may().contains(who.column())) {
      return Status.Code.PERMISSION_DENIED;
    }
    boolean fleet = line.field().isEmpty();
    if (who.column().equals("device")) {
      return fleet || about.equals(OWN) ? Status.Code.OK : Status.Code.PERMISSION_DENIED;
    }
    boolean all = who.scope().isFleet();
    return all || (!fleet && who.scope().covers(about))
        ? Status.Code.OK
        : Status.Code.PERMISSION_DENIED;
  }

  private static Message request(MethodDescriptor<?, ?> method, Line line, String about) {
    Message.Builder request = SecuredServer.prototype(method.getRequestMarshaller()).toBuilder();
    line.field().ifPresent(path -> set(request, path, about));
    return request.build();
  }

  private static void set(Message.Builder message, String path, String value) {
    int dot = path.indexOf('.');
    FieldDescriptor field =
        message.getDescriptorForType().findFieldByName(dot < 0 ? path : path.substring(0, dot));
    if (dot >= 0) {
      Message.Builder inner = message.newBuilderForField(field);
      set(inner, path.substring(dot + 1), value);
      message.setField(field, inner.build());
    } else if (field.isRepeated()) {
      message.addRepeatedField(field, value);
    } else {
      message.setField(field, value);
    }
  }

  @Test
  void aDeviceThatNamesOthersAmongItsOwnIsRefusedEverywhere() {
    Identity.Device device =
        new Identity.Device(
            OWN, "1", Instant.parse("2029-01-01T00:00:00Z"), Instant.parse("2030-01-01T00:00:00Z"));
    AccessRules.all()
        .forEach(
            rule ->
                assertThat(rule.refuse(device, List.of(OWN + "/shapes", OWN, OTHER)))
                    .as(rule.method())
                    .isPresent());
  }
}

package dev.heirloom.control.grpc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.util.ArrayList;
import java.util.List;

/** Finds the devices that a request names, in the fields that a rule says. */
final class RequestObjects {
  /** Fields that say what a request is about, those before others. */
  private static final List<String> SUBJECTS = List.of("name", "id", "serial", "device", "teacher");

  private final List<String> paths;

  /**
   * @param paths names of fields, with dots between a field and those within it
   */
  RequestObjects(List<String> paths) {
    this.paths = paths;
  }

  /**
   * What a message names.
   *
   * @param speaks whether it can name any: of a stream's messages those without the field do not
   */
  record Found(List<String> names, boolean speaks) {}

  Found in(Message message) {
    List<String> names = new ArrayList<>();
    boolean speaks = false;
    for (String path : paths) {
      speaks |= collect(message, path, names);
    }
    return new Found(names, speaks);
  }

  List<String> paths() {
    return paths;
  }

  /** What a request is about that names no device: its name, or that of what it brings. */
  static List<String> subject(Message request) {
    for (String subject : SUBJECTS) {
      FieldDescriptor field = request.getDescriptorForType().findFieldByName(subject);
      if (field != null
          && !field.isRepeated()
          && field.getJavaType() == FieldDescriptor.JavaType.STRING
          && !String.valueOf(request.getField(field)).isEmpty()) {
        return List.of(String.valueOf(request.getField(field)));
      }
    }
    return request.getAllFields().values().stream()
        .filter(Message.class::isInstance)
        .map(part -> subject((Message) part))
        .filter(names -> !names.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  /**
   * What a request asks for, on one line. Requests that are recorded hold no secrets.
   *
   * @param without fields that are told elsewhere
   */
  static String details(Message request, List<String> without) {
    Message.Builder rest = request.toBuilder();
    for (FieldDescriptor field : request.getDescriptorForType().getFields()) {
      if (without.contains(field.getName())) {
        rest.clearField(field);
      }
    }
    return TextFormat.printer().emittingSingleLine(true).printToString(rest.build()).strip();
  }

  private static boolean collect(Message message, String path, List<String> names) {
    int dot = path.indexOf('.');
    FieldDescriptor field =
        field(message.getDescriptorForType(), dot < 0 ? path : path.substring(0, dot));
    if (dot >= 0) {
      if (field.isRepeated()) {
        List<?> inner = (List<?>) message.getField(field);
        inner.forEach(each -> collect((Message) each, path.substring(dot + 1), names));
        return true;
      }
      return message.hasField(field)
          && collect((Message) message.getField(field), path.substring(dot + 1), names);
    }
    if (field.isRepeated()) {
      ((List<?>) message.getField(field)).forEach(each -> names.add(String.valueOf(each)));
    } else {
      names.add(String.valueOf(message.getField(field)));
    }
    return true;
  }

  private static FieldDescriptor field(Descriptor type, String name) {
    FieldDescriptor field = type.findFieldByName(name);
    if (field == null) {
      throw new IllegalStateException("no field " + name + " in " + type.getFullName());
    }
    return field;
  }
}

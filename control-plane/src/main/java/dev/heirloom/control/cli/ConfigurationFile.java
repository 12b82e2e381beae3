package dev.heirloom.control.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * The options of a command in a file, in HOCON: an object with the command's name, and in it a key
 * for each option, without its dashes. What stands on the command line goes before the file.
 */
final class ConfigurationFile {
  private final Path file;
  private final String section;
  private final Map<String, ConfigValue> values;

  private ConfigurationFile(Path file, String section, Map<String, ConfigValue> values) {
    this.file = file;
    this.section = section;
    this.values = values;
  }

  /**
   * Reads the object {@code section} of a file.
   *
   * @throws CommandException if the file cannot be read, or holds something else
   */
  static ConfigurationFile read(Path file, String section)
      throws CommandException, NoSuchFileException {
    if (!Files.isReadable(file)) {
      throw new NoSuchFileException(file.toString());
    }
    Config config;
    try {
      config =
          ConfigFactory.parseFile(
                  file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false))
              .resolve();
    } catch (ConfigException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
    for (Map.Entry<String, ConfigValue> entry : config.root().entrySet()) {
      if (!entry.getKey().equals(section) || !(entry.getValue() instanceof ConfigObject)) {
        throw new CommandException(
            "%s: %s: not known (expected: %s { ... })"
                .formatted(place(file, entry.getValue()), entry.getKey(), section));
      }
    }
    boolean empty = !config.hasPath(section);
    return new ConfigurationFile(
        file, section, empty ? Map.of() : new TreeMap<>(config.getObject(section)));
  }

  /**
   * Gives a command the values of those options that its command line did not name.
   *
   * @param command it, parsed
   * @param fresh another one of the same kind, not parsed
   * @throws CommandException with file, line and key, if a key is not an option or has no fitting
   *     value
   */
  void apply(CommandSpec command, CommandLine fresh) throws CommandException {
    List<String> arguments = new ArrayList<>();
    for (Map.Entry<String, ConfigValue> entry : values.entrySet()) {
      OptionSpec option = option(command, entry.getKey(), entry.getValue());
      arguments.addAll(arguments(entry.getKey(), entry.getValue(), option.arity().max() == 0));
    }
    try {
      fresh.parseArgs(arguments.toArray(String[]::new));
    } catch (ParameterException e) {
      throw new CommandException(problem(e));
    }
    for (String key : values.keySet()) {
      OptionSpec given = command.findOption("--" + key);
      if (!command.commandLine().getParseResult().hasMatchedOption(given)) {
        set(given, fresh.getCommandSpec().findOption("--" + key));
      }
    }
  }

  private static void set(OptionSpec option, OptionSpec read) throws CommandException {
    try {
      option.setter().set(read.getter().get());
    } catch (Exception e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  private OptionSpec option(CommandSpec command, String key, ConfigValue value)
      throws CommandException {
    OptionSpec option = command.findOption("--" + key);
    if (option == null || !settable(option)) {
      throw new CommandException(
          "%s: %s.%s: no such key (expected one of: %s)"
              .formatted(place(file, value), section, key, keys(command)));
    }
    return option;
  }

  private static boolean settable(OptionSpec option) {
    return !option.usageHelp() && !option.longestName().equals("--config");
  }

  private static String keys(CommandSpec command) {
    return command.options().stream()
        .filter(ConfigurationFile::settable)
        .map(option -> option.longestName().substring(2))
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private List<String> arguments(String key, ConfigValue value, boolean flag)
      throws CommandException {
    if (flag) {
      if (value.valueType() != ConfigValueType.BOOLEAN) {
        throw wrong(key, value, "true or false");
      }
      return Boolean.TRUE.equals(value.unwrapped()) ? List.of("--" + key) : List.of();
    }
    List<String> arguments = new ArrayList<>();
    List<? extends ConfigValue> all = value instanceof ConfigList list ? list : List.of(value);
    for (ConfigValue each : all) {
      if (each.valueType() != ConfigValueType.STRING
          && each.valueType() != ConfigValueType.NUMBER) {
        throw wrong(key, each, "a text or a number");
      }
      arguments.add("--" + key + "=" + each.unwrapped());
    }
    return arguments;
  }

  private CommandException wrong(String key, ConfigValue value, String expected) {
    return new CommandException(
        "%s: %s.%s: %s (expected: %s)"
            .formatted(
                place(file, value),
                section,
                key,
                value.render(ConfigRenderOptions.concise()),
                expected));
  }

  /** Picocli names the option; what comes from a file is named by its key. */
  private String problem(ParameterException thrown) {
    String message = String.valueOf(thrown.getMessage());
    ArgSpec at = thrown.getArgSpec();
    if (!(at instanceof OptionSpec option)) {
      return file + ": " + message;
    }
    String key = option.longestName().substring(2);
    ConfigValue value = values.get(key);
    String where = value == null ? file.toString() : place(file, value);
    return "%s: %s.%s: %s"
        .formatted(
            where, section, key, message.replaceFirst("^Invalid value for option [^:]*: ", ""));
  }

  private static String place(Path file, ConfigValue value) {
    int line = value.origin().lineNumber();
    return line < 1 ? file.toString() : file + ":" + line;
  }
}

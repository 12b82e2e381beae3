package dev.heirloom.edge;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Which build of the agent this is. */
final class AgentVersion {
  private static final String RESOURCE =
      "/META-INF/maven/dev.heirloom/heirloom-edge-agent/pom.properties";

  private AgentVersion() {}

  /** The version, or {@code development} where it runs from unpackaged classes. */
  static String current() {
    try (InputStream in = AgentVersion.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        return "development";
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", "development");
    } catch (IOException e) {
      return "development";
    }
  }
}

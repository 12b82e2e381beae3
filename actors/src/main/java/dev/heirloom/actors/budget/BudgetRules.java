package dev.heirloom.actors.budget;

import dev.heirloom.actors.fleet.DeviceProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every rule of a fleet. Persisted as it is.
 *
 * @param version counts the changes; a larger one is newer
 * @param rules in the order in which they are heard
 */
public record BudgetRules(long version, List<BudgetRule> rules) implements BudgetSerializable {

  /** There is no rule yet. */
  public static final BudgetRules NONE = new BudgetRules(0, List.of());

  /** More rules than this are refused. */
  public static final int MOST_RULES = 1000;

  public BudgetRules {
    rules = rules.stream().sorted(BudgetRule.PRECEDENCE).toList();
  }

  /** Those that a device matches, in the order in which they are heard. */
  public List<BudgetRule> matching(DeviceProfile profile) {
    return matching(profile.labels());
  }

  /** Those that a device matches which goes by these labels. */
  public List<BudgetRule> matching(Map<String, String> labels) {
    return rules.stream()
        .filter(rule -> labels.entrySet().containsAll(rule.selector().entrySet()))
        .toList();
  }

  /** The newer of two. */
  public BudgetRules newer(BudgetRules other) {
    return other.version > version ? other : this;
  }

  /** A rule by its name. */
  public Optional<BudgetRule> find(String name) {
    return rules.stream().filter(rule -> rule.name().equals(name)).findFirst();
  }

  BudgetRules with(BudgetRule rule) {
    List<BudgetRule> all = new ArrayList<>(without(rule.name()).rules());
    all.add(rule);
    return new BudgetRules(version + 1, all);
  }

  BudgetRules without(String name) {
    return new BudgetRules(
        version + 1, rules.stream().filter(rule -> !rule.name().equals(name)).toList());
  }
}

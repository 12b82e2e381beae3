package dev.heirloom.control.compare;

import dev.heirloom.control.cli.CommandException;
import dev.heirloom.inheritance.CancelledException;
import dev.heirloom.inheritance.Progress;
import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.Samples;
import dev.heirloom.inheritance.Stage;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.measure.Latency;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Makes and measures every network that a comparison asks for: each method, size and seed, with the
 * same number of training samples.
 *
 * <p>A finished trial is kept at once; the same comparison begun again goes on with those that are
 * missing. Latency is measured last, for every seed all its networks and the teacher in one run.
 */
public final class Comparison {
  private static final int WARM_UP = 10;
  private static final int ROUNDS = 150;

  private final ComparisonSettings settings;
  private final Progress progress;
  private final Teacher teacher;
  private final int steps;
  private final Map<String, String> described;
  private final CellStore cells;
  private final List<Trial> trials;
  private final List<String> notes = new ArrayList<>();
  private Optional<Evaluation.Result> reference = Optional.empty();
  private int begun;

  private Comparison(ComparisonSettings settings, Path report, Progress progress)
      throws IOException, MalformedException, CommandException {
    this.settings = settings;
    this.progress = progress;
    this.teacher = Teacher.read(settings.teacher());
    this.steps = settings.steps().orElse(Contest.defaultSteps(teacher));
    this.described = described();
    this.cells = CellStore.open(report, described);
    this.trials = trials();
  }

  /**
   * Runs what is missing and measures latency.
   *
   * @param report directory that keeps the cells; made where it is not there
   */
  public static ComparisonResult run(ComparisonSettings settings, Path report, Progress progress)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException,
          CommandException {
    return new Comparison(settings, report, progress).run();
  }

  /** What cells have to share, by name. */
  private Map<String, String> described() throws IOException {
    List<String> students = new ArrayList<>();
    for (Path file : settings.students()) {
      students.add(Digest.of(Files.readAllBytes(file)).hex());
    }
    return CellStore.settings(
        "teacher",
        settings.teacher().getFileName() + " " + Digest.of(teacher.original().bytes()).hex(),
        "train",
        sized(settings.train()),
        "validate",
        sized(settings.validate()),
        "normalize",
        String.join(" ", settings.normalize()),
        "steps",
        Integer.toString(steps),
        "students",
        String.join(" ", students));
  }

  /** Data as it was named, with its size: to tell another file of the same name. */
  private static String sized(String data) throws IOException {
    long bytes = 0;
    for (String part : data.split(",", -1)) {
      Path file = Path.of(part);
      bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
    }
    return data + " (" + bytes + " bytes)";
  }

  private List<Trial> trials() {
    List<Trial> all = new ArrayList<>();
    for (ComparedMethod method : settings.methods()) {
      List<OptionalDouble> sizes =
          method.hasSizes()
              ? settings.sizes().stream().map(OptionalDouble::of).toList()
              : List.of(OptionalDouble.empty());
      for (OptionalDouble size : sizes) {
        settings.seeds().forEach(seed -> all.add(new Trial(method, size, seed)));
      }
    }
    return all;
  }

  private ComparisonResult run()
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException {
    progress.stage(Stage.READ);
    Optional<String> missing = NestedTrainer.cudaMissing();
    if (settings.device().equals("cuda") && missing.isPresent()) {
      throw new RefusedException(
          "--device cuda: training cannot run on a GPU",
          List.of(missing.get(), "--device auto uses what there is; see docs/how-to/gpu.md."));
    }
    Map<Trial, Timing> timings = new HashMap<>();
    long macs = 0;
    for (long seed : settings.seeds()) {
      Samples samples =
          Samples.read(teacher, settings.train(), settings.validate(), settings.normalize(), seed);
      Contest contest =
          new Contest(settings, teacher, samples, seed, steps, reference(samples), progress);
      macs = contest.teacherMacs();
      make(contest);
      timings.putAll(time(contest));
    }
    return result(reference.orElseThrow(), macs, timings);
  }

  /** What the teacher says to the validation samples, which are the same for every seed. */
  private Evaluation.Result reference(Samples samples)
      throws SessionException, MalformedException, CancelledException {
    if (reference.isEmpty()) {
      reference =
          Optional.of(
              Contest.evaluate(
                  teacher.original().bytes(),
                  samples.validate(),
                  samples,
                  settings.threads(),
                  progress));
    }
    return reference.get();
  }

  private void make(Contest contest)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          CancelledException,
          RefusedException {
    for (ComparedMethod method : settings.methods()) {
      List<Trial> missing = new ArrayList<>();
      for (Trial trial : trials) {
        if (trial.method() == method && trial.seed() == contest.seed()) {
          if (cells.find(trial).isEmpty()) {
            missing.add(trial);
          } else {
            begun++;
          }
        }
      }
      if (missing.isEmpty()) {
        continue;
      }
      contest.check();
      if (method.isStudent()) {
        for (Trial trial : missing) {
          announce(1, trial.text());
          attempt(method, () -> new StudentTrials(contest, cells).run(trial));
        }
      } else if (method == ComparedMethod.INT8) {
        announce(1, missing.get(0).text());
        attempt(method, () -> new Int8Trials(contest, cells).run(missing.get(0)));
      } else {
        announce(
            missing.size(),
            method.title() + ", every size in one inheritance, seed " + contest.seed());
        attempt(method, () -> new HeirTrials(contest, cells).run(method, missing));
      }
    }
  }

  private void announce(int number, String what) {
    begun += number;
    progress.note("trial " + begun + " of " + trials.size() + ": " + what);
  }

  /** The making of one or more cells. */
  private interface Attempt {
    void run()
        throws IOException,
            MalformedException,
            SessionException,
            TrainingException,
            CancelledException,
            RefusedException;
  }

  /** A method that this teacher refuses is left out, and said so; the others go on. */
  private void attempt(ComparedMethod method, Attempt attempt)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          CancelledException,
          RefusedException {
    try {
      attempt.run();
    } catch (RefusedException e) {
      if (settings.methods().size() == 1) {
        throw e;
      }
      String hint = e.reasons().isEmpty() ? "" : " (" + e.reasons().get(0) + ")";
      String note = method.title() + " is left out: " + e.getMessage() + hint;
      progress.note(note);
      if (!notes.contains(note)) {
        notes.add(note);
      }
    }
  }

  /** One run of all networks of a seed and the teacher, in turn. */
  private Map<Trial, Timing> time(Contest contest)
      throws IOException, SessionException, CancelledException {
    contest.check();
    SessionSettings oneThread = SessionSettings.cpu(1);
    List<Trial> timed = new ArrayList<>();
    List<OnnxSession> sessions = new ArrayList<>();
    try {
      sessions.add(OnnxSession.open(teacher.original().bytes(), oneThread));
      for (Trial trial : trials) {
        if (trial.seed() == contest.seed() && cells.find(trial).isPresent()) {
          timed.add(trial);
          sessions.add(OnnxSession.open(cells.network(trial), oneThread));
        }
      }
      progress.note(
          "latency of " + timed.size() + " networks beside the teacher, seed " + contest.seed());
      List<Latency.Summary> summaries =
          Latency.interleaved(sessions, contest.oneSample(), WARM_UP, ROUNDS);
      Map<Trial, Timing> timings = new LinkedHashMap<>();
      for (int i = 0; i < timed.size(); i++) {
        timings.put(timed.get(i), new Timing(summaries.get(i + 1), summaries.get(0)));
      }
      return timings;
    } finally {
      sessions.forEach(OnnxSession::close);
    }
  }

  private ComparisonResult result(Evaluation.Result answers, long macs, Map<Trial, Timing> timings)
      throws IOException, RefusedException {
    Map<String, List<Trial>> groups = new LinkedHashMap<>();
    for (Trial trial : trials) {
      if (timings.containsKey(trial)) {
        groups
            .computeIfAbsent(trial.method() + " " + trial.size(), key -> new ArrayList<>())
            .add(trial);
      }
    }
    if (groups.isEmpty()) {
      throw new RefusedException("there is nothing to compare", notes);
    }
    List<Row> rows = new ArrayList<>();
    for (List<Trial> group : groups.values()) {
      List<Cell> found = new ArrayList<>();
      for (Trial trial : group) {
        Optional<Cell> cell = cells.find(trial);
        cell.ifPresent(found::add);
      }
      Trial first = group.get(0);
      List<Timing> times = group.stream().map(timings::get).toList();
      rows.add(new Row(first.method(), first.size(), found, times));
    }
    return new ComparisonResult(described, figures(answers, macs, timings), rows, notes);
  }

  private ComparisonResult.TeacherFigures figures(
      Evaluation.Result answers, long macs, Map<Trial, Timing> timings) {
    return new ComparisonResult.TeacherFigures(
        settings.teacher().getFileName().toString(),
        answers.accuracy(),
        teacher.original().parameters(),
        macs,
        teacher.original().bytes().length,
        mean(timings.values().stream().map(t -> t.teacher().p50Ns()).toList()),
        mean(timings.values().stream().map(t -> t.teacher().p95Ns()).toList()));
  }

  private static long mean(List<Long> values) {
    return Math.round(values.stream().mapToLong(Long::longValue).average().orElse(0));
  }
}

package dev.heirloom.control.cli;

import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ModelsClient;
import dev.heirloom.proto.v1.DeviceProfile;
import dev.heirloom.proto.v1.RecommendRequest;
import dev.heirloom.proto.v1.RecommendResponse;
import dev.heirloom.proto.v1.TailorResponse;
import dev.heirloom.proto.v1.TailoredHeir;
import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom tailor}: the heir that suits a device, as plain ONNX, without an agent. */
@Command(
    name = "tailor",
    description = {
      "Asks a control plane for the heir that suits a device, as plain ONNX.",
      "A limit that is not given is left to the budget rules that the labels match."
    })
final class TailorCommand implements Callable<Integer> {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(
      names = "--family",
      paramLabel = "NAME",
      description = "Family to choose from (the one published last).")
  private String family = "";

  @Option(
      names = {"--class", "--device-class"},
      paramLabel = "C",
      description = "Class of the device: what others of it measured is what is expected.")
  private String deviceClass = "";

  @Option(names = "--cores", paramLabel = "N", description = "Processor cores of the device.")
  private int cores;

  @Option(names = "--threads", paramLabel = "N", description = "Threads of a session (1).")
  private int threads = 1;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = SizeConverter.class,
      description = "Memory of the device, e.g. 1GB.")
  private long memory;

  @Option(names = "--label", paramLabel = "K=V", description = "Label of the device; repeated.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Mixin private LimitOptions limits = new LimitOptions();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      description = "ONNX file to write; one that is there is replaced.")
  private @Nullable Path out;

  @Option(
      names = "--best-effort",
      description = "Take the rung that comes closest where no rung meets the budget.")
  private boolean bestEffort;

  @Option(names = "--recommend-only", description = "Say which rung; fetch nothing.")
  private boolean recommendOnly;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  TailorCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Path file = out;
    if (recommendOnly == (file != null)) {
      throw new ParameterException(
          spec.commandLine(),
          recommendOnly
              ? "--recommend-only writes no file (expected: without --out)"
              : "where to write is missing (expected: --out FILE or --recommend-only)");
    }
    if (file == null) {
      RecommendResponse told =
          plane.ask(client -> new ModelsClient(client).recommend(request(true)));
      requireMet(told);
      say(told, Optional.empty());
      return ExitCodes.DONE;
    }
    AtomicFile.parent(file);
    return plane.ask(client -> fetch(client, file));
  }

  private int fetch(ControlPlaneClient client, Path file) throws Exception {
    try (ModelsClient.Answer answer = new ModelsClient(client).tailor(request(!bestEffort));
        DownloadedFile download = DownloadedFile.begin(file);
        TransferProgress progress = new TransferProgress(context.streams(), System::nanoTime)) {
      RecommendResponse told = next(answer).getRecommendation();
      requireMet(told);
      TailoredHeir heir = next(answer).getHeir();
      for (Optional<TailorResponse> piece = answer.next();
          piece.isPresent();
          piece = answer.next()) {
        interrupted();
        download.append(piece.get().getContent());
        progress.at(download.bytes(), heir.getSizeBytes());
      }
      download.finish(Digest.wrap(heir.getSha256()), heir.getSizeBytes());
      progress.close();
      say(told, Optional.of(new TailorTexts.Written(file, heir)));
      return ExitCodes.DONE;
    }
  }

  private static TailorResponse next(ModelsClient.Answer answer) throws Exception {
    return answer.next().orElseThrow(() -> new IOException("the answer ended early"));
  }

  private void interrupted() throws InterruptedException {
    if (context.interruption().requested()) {
      throw new InterruptedException();
    }
  }

  private RecommendRequest request(boolean onlyIfMet) {
    return RecommendRequest.newBuilder()
        .setFamily(family)
        .setProfile(
            DeviceProfile.newBuilder()
                .setDeviceClass(deviceClass)
                .setCores(cores)
                .setThreads(threads)
                .setMemoryBytes(memory)
                .putAllLabels(labels))
        .setLimits(limits.given())
        .setOnlyIfMet(onlyIfMet)
        .build();
  }

  private void requireMet(RecommendResponse told) throws CommandException {
    if (!told.getFeasible() && !bestEffort) {
      throw new CommandException(
          ExitCodes.BUDGET_UNMET,
          "no rung of " + told.getFamily() + " meets the budget: " + told.getReason(),
          "The best is rung " + told.getRung() + ": " + TailorTexts.misses(told.getMissesList()),
          "--best-effort takes it all the same.");
    }
  }

  private void say(RecommendResponse told, Optional<TailorTexts.Written> written) {
    context.result(
        json ? TailorTexts.json(told, written).toString() : TailorTexts.text(told, written));
  }
}

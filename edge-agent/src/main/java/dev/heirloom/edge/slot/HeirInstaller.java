package dev.heirloom.edge.slot;

import dev.heirloom.edge.slot.BlobFetcher.FetchInterruptedException;
import dev.heirloom.edge.slot.InstallException.Check;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Rung;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.Manifests;
import dev.heirloom.runtime.family.Patches;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.Probe;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Brings heirs from blobs to an open, checked session beside the one in service, and into force on
 * disk. Everything here blocks; one thread at a time, beside one that rehearses.
 */
public final class HeirInstaller {
  private final String berth;
  private final HeldBlobs held;
  private final DirectoryBlobStore blobs;
  private final BlobIntake intake;
  private final Slots slots;
  private final TrustKeeper trust;
  private final SessionSettings settings;
  private final Consumer<String> notes;

  /**
   * @param berth name of the berth that it installs for
   * @param notes takes lines for a person
   */
  HeirInstaller(
      String berth,
      HeldBlobs held,
      Slots slots,
      TrustKeeper trust,
      SessionSettings settings,
      Consumer<String> notes) {
    this.berth = berth;
    this.held = held;
    this.blobs = held.store();
    this.intake = new BlobIntake(blobs);
    this.slots = slots;
    this.trust = trust;
    this.settings = settings;
    this.notes = notes;
  }

  /** Version of the roster of keys that the device trusts; 0 where it trusts none yet. */
  public long rosterVersion() {
    return trust.rosterVersion();
  }

  /**
   * Opens the heir that is in force on disk, or where that is damaged, the best that can be made of
   * what is there.
   *
   * @return empty where none ever was
   * @throws MalformedException if what is on disk is damaged, and nothing can be made of it
   * @throws IOException the same, where the disk does not give it back
   */
  public Optional<Heir> resume() throws IOException, MalformedException {
    Optional<Heir> heir = new Resumption(this, slots, notes).heir();
    if (heir.isEmpty()) {
      held.nothingInForce(berth);
    }
    return heir;
  }

  /**
   * Removes the blobs that no family on the device needs any more.
   *
   * @return bytes that were freed
   */
  public long collect() throws IOException {
    return held.collect();
  }

  /** Opens an heir as it was written when it came into force. */
  Heir reopened(SlotPointer pointer) throws IOException, MalformedException {
    Manifest manifest = manifest(pointer);
    Optional<Probe> probe = heldProbe(manifest);
    held.inForce(berth, pointer.manifest(), manifest);
    return new Heir(
        pointer.heir(),
        manifest,
        reopen(slots.read(pointer)),
        preprocessor(manifest),
        probe,
        pointer.probe());
  }

  private Manifest manifest(SlotPointer pointer) throws IOException, MalformedException {
    try {
      return Manifests.parse(blobs.read(pointer.manifest()));
    } catch (IOException | MalformedException e) {
      byte[] copy = slots.manifest(pointer);
      restore(pointer.manifest(), copy);
      return Manifests.parse(copy);
    }
  }

  private void restore(Blob blob, byte[] content) {
    try {
      blobs.delete(Digest.of(blob));
      blobs.put(content);
    } catch (IOException e) {
      // It is fetched when an order needs it.
    }
  }

  /** Assembles an heir anew from what is on the device, with every check. */
  Prepared rebuilt(SlotPointer pointer)
      throws IOException, MalformedException, FetchInterruptedException, InstallException {
    Manifest manifest = manifest(pointer);
    Optional<Blob> probe = Manifests.probe(manifest);
    if (!manifest.hasGoldenSamples() && probe.isPresent() && !blobs.has(Digest.of(probe.get()))) {
      throw new InstallException(Check.GOLDEN_OUTPUTS, "their samples are not on the device");
    }
    List<Blob> held =
        new Order(pointer.assignment(), manifest)
            .blobs(true).stream().filter(blob -> blobs.has(Digest.of(blob))).toList();
    return prepare(new Fetched(pointer.assignment(), manifest, held));
  }

  /**
   * Reads the manifest of an assignment, if a release permits it.
   *
   * @param tally adds up what it costs; the same one for every try
   * @throws FetchInterruptedException if the link failed; what arrived is kept
   * @throws InstallException if it is not permitted, or the manifest cannot be had or is not one
   */
  public Order open(Assignment assignment, BlobFetcher fetcher, FetchTally tally)
      throws FetchInterruptedException, InstallException {
    return open(assignment, berth, fetcher, tally);
  }

  private Order open(Assignment assignment, String purpose, BlobFetcher fetcher, FetchTally tally)
      throws FetchInterruptedException, InstallException {
    trust.accept(assignment);
    held.ordering(purpose, assignment.manifest());
    fetch(List.of(assignment.manifest()), fetcher, tally);
    try {
      Manifest manifest = Manifests.parse(readManifest(assignment.manifest()));
      if (!manifest.getName().equals(assignment.family())) {
        throw new MalformedException(
            "manifest: family %s (expected: %s)"
                .formatted(manifest.getName(), assignment.family()));
      }
      held.ordered(purpose, assignment.manifest(), manifest);
      return new Order(assignment, manifest);
    } catch (IOException | MalformedException e) {
      throw new InstallException(Check.ASSEMBLE, e);
    }
  }

  /** An assignment that is permitted, with its manifest. */
  public record Order(Assignment assignment, Manifest manifest) {

    /** Whether a smaller rung can be checked, and serve, before everything has come. */
    public boolean hasStepBelow() {
      return assignment.rung() > 1 && manifest.hasGoldenSamples();
    }

    /** The same for the smallest rung. */
    public Order lowest() {
      return new Order(assignment.at(1), manifest);
    }

    private List<Blob> blobs(boolean probe) throws InstallException {
      try {
        List<Blob> wanted = new ArrayList<>(Manifests.needed(manifest, assignment.rung()));
        if (probe) {
          Manifests.probe(manifest).ifPresent(wanted::add);
        }
        return wanted;
      } catch (MalformedException e) {
        throw new InstallException(Check.ASSEMBLE, e);
      }
    }
  }

  /** Whether everything of an order is on the device. */
  public boolean holds(Order order) throws InstallException {
    return order.blobs(true).stream().allMatch(blob -> blobs.has(Digest.of(blob)));
  }

  /**
   * Fetches what the device lacks for an order.
   *
   * @param probe whether the probe, too, is fetched
   * @param tally adds up what it costs; the same one for every try
   * @throws FetchInterruptedException if the link failed; what arrived is kept
   * @throws InstallException if a blob cannot be had
   */
  public Fetched fetch(Order order, boolean probe, BlobFetcher fetcher, FetchTally tally)
      throws FetchInterruptedException, InstallException {
    List<Blob> wanted = order.blobs(probe);
    fetch(wanted, fetcher, tally);
    return new Fetched(order.assignment(), order.manifest(), wanted);
  }

  private void fetch(List<Blob> wanted, BlobFetcher fetcher, FetchTally tally)
      throws FetchInterruptedException, InstallException {
    held.turn.lock();
    try {
      intake.fetch(wanted, fetcher, tally);
    } finally {
      held.turn.unlock();
    }
  }

  /**
   * An assignment whose blobs are all held.
   *
   * @param blobs what the heir is made of and checked with
   */
  public record Fetched(Assignment assignment, Manifest manifest, List<Blob> blobs) {
    public Fetched {
      blobs = List.copyOf(blobs);
    }
  }

  /**
   * Assembles an heir, writes it to the free slot, opens it, and checks it. It is not in force by
   * that.
   *
   * @return the caller commits or closes it
   * @throws FetchInterruptedException if a blob was damaged on the device; it is to be fetched
   *     again
   * @throws InstallException if anything is wrong with it
   */
  public Prepared prepare(Fetched fetched) throws FetchInterruptedException, InstallException {
    Manifest manifest = fetched.manifest();
    Assignment assignment = fetched.assignment();
    byte[] onnx = assemble(fetched);
    OnnxSession session = open(onnx);
    try {
      Slots.Written written = write(onnx, assignment.manifest());
      Heir heir = check(manifest, assignment, session);
      return new Prepared(
          heir,
          new SlotPointer(
              written.slot(),
              written.file(),
              assignment.manifest(),
              assignment.family(),
              assignment.rung(),
              heir.probeResult()));
    } catch (InstallException | RuntimeException e) {
      session.close();
      if (dropDamaged(fetched.blobs()) > 0) {
        throw new FetchInterruptedException(e.getMessage() + "; it is fetched once more");
      }
      throw e;
    }
  }

  /**
   * Fetches, assembles, opens and checks a candidate beside all else; it comes into no slot. May
   * run while something is installed, which waits for one blob of it at most.
   *
   * @return the caller closes it
   * @throws FetchInterruptedException if the link failed, or a blob was damaged on the device
   * @throws InstallException if anything is wrong with it
   */
  public Heir rehearse(Assignment candidate, BlobFetcher fetcher)
      throws FetchInterruptedException, InstallException {
    FetchTally tally = new FetchTally(candidate.decision());
    Order order = open(candidate, berth + "/trial", fetcher, tally);
    List<Blob> wanted = order.blobs(true);
    for (Blob blob : wanted) {
      fetch(List.of(blob), fetcher, tally);
    }
    OnnxSession session = open(assemble(new Fetched(candidate, order.manifest(), wanted)));
    try {
      return check(order.manifest(), candidate, session);
    } catch (InstallException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** An heir that has passed every check and waits in the free slot. */
  public static final class Prepared implements AutoCloseable {
    private final Heir heir;
    private final SlotPointer pointer;

    private Prepared(Heir heir, SlotPointer pointer) {
      this.heir = heir;
      this.pointer = pointer;
    }

    /** The heir, open. */
    public Heir heir() {
      return heir;
    }

    /** Closes the heir, where it does not come into force. */
    @Override
    public void close() {
      heir.close();
    }
  }

  /**
   * Brings an heir into force on disk.
   *
   * @throws InstallException if it could not be written; the caller closes the heir then
   */
  public void commit(Prepared prepared) throws InstallException {
    try {
      slots.commit(prepared.pointer);
      held.inForce(berth, prepared.pointer.manifest(), prepared.heir.manifest());
    } catch (IOException | MalformedException e) {
      throw new InstallException(Check.COMMIT, e);
    }
  }

  private byte[] readManifest(Blob manifest)
      throws IOException, FetchInterruptedException, MalformedException {
    try {
      return blobs.read(manifest);
    } catch (MalformedException e) {
      blobs.delete(Digest.of(manifest));
      throw new FetchInterruptedException(e.getMessage() + "; it is fetched once more");
    }
  }

  private byte[] assemble(Fetched fetched) throws FetchInterruptedException, InstallException {
    try {
      return HeirAssembler.assemble(fetched.manifest(), fetched.assignment().rung(), blobs);
    } catch (IOException | MalformedException | RuntimeException e) {
      if (dropDamaged(fetched.blobs()) > 0) {
        throw new FetchInterruptedException(e.getMessage() + "; it is fetched once more");
      }
      throw new InstallException(Check.ASSEMBLE, e);
    }
  }

  private Slots.Written write(byte[] onnx, Blob manifest) throws InstallException {
    try {
      return slots.write(onnx, blobs.read(manifest));
    } catch (IOException | MalformedException e) {
      throw new InstallException(Check.COMMIT, e);
    }
  }

  /** Removes what the disk no longer holds as it came; gives how many. */
  private int dropDamaged(List<Blob> held) throws InstallException {
    int dropped = 0;
    for (Blob blob : held) {
      try {
        blobs.read(blob);
      } catch (MalformedException e) {
        delete(blob);
        dropped++;
      } catch (IOException e) {
        throw new InstallException(Check.ASSEMBLE, e);
      }
    }
    return dropped;
  }

  private void delete(Blob blob) throws InstallException {
    try {
      blobs.delete(Digest.of(blob));
    } catch (IOException e) {
      throw new InstallException(Check.ASSEMBLE, e);
    }
  }

  private OnnxSession open(byte[] onnx) throws InstallException {
    try {
      return OnnxSession.open(onnx, settings);
    } catch (SessionException e) {
      throw new InstallException(Check.OPEN, e);
    }
  }

  private OnnxSession reopen(byte[] onnx) throws MalformedException {
    try {
      return OnnxSession.open(onnx, settings);
    } catch (SessionException e) {
      throw new MalformedException("heir on disk: " + e.getMessage(), e);
    }
  }

  private Heir check(Manifest manifest, Assignment assignment, OnnxSession session)
      throws InstallException {
    Preprocessor preprocessor = preprocessor(manifest);
    Optional<Probe> probe;
    Rung rung;
    try {
      rung = Manifests.rung(manifest, assignment.rung());
      probe = readProbe(manifest);
      Optional<Probe> golden =
          manifest.hasGoldenSamples()
              ? Optional.of(Probe.parse(blobs.read(manifest.getGoldenSamples()), manifest))
              : probe;
      if (golden.isPresent()) {
        SelfTest.golden(
            session,
            preprocessor,
            golden.get(),
            Patches.parse(blobs.read(rung.getPatch()), manifest, assignment.rung()));
      }
    } catch (IOException | MalformedException e) {
      throw new InstallException(Check.GOLDEN_OUTPUTS, e);
    }
    ProbeResult result =
        probe.isPresent()
            ? SelfTest.probe(session, preprocessor, probe.get(), manifest, rung)
            : new ProbeResult(0, 0, 0);
    return new Heir(assignment.heir(), manifest, session, preprocessor, probe, result);
  }

  /** The probe, if the family has one and it is on the device. */
  private Optional<Probe> readProbe(Manifest manifest) throws IOException, MalformedException {
    Optional<Blob> blob = Manifests.probe(manifest);
    return blob.isEmpty() || !blobs.has(Digest.of(blob.get()))
        ? Optional.empty()
        : Optional.of(Probe.parse(blobs.read(blob.get()), manifest));
  }

  /** An heir on disk serves without its probe, if that is lost. */
  private Optional<Probe> heldProbe(Manifest manifest) throws IOException {
    try {
      return readProbe(manifest);
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  private static Preprocessor preprocessor(Manifest manifest) {
    return new Preprocessor(
        manifest.getPreprocessingList(), TensorSpec.ofManifest(manifest.getInputsList()));
  }
}

// What the log costs: time and bytes of a step, and reading it all for resume;
// beside it, a journal that is written anew at every step, as aideml does.
//
//   store_log [NODES] [ROWS] [FOLDER]
//
// NODES: default 10000; ROWS: hidden rows of a unit, default 2000; FOLDER:
// default a temporary one. Processor time is shown beside wall time because the
// machine may be busy with other things.
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/compress.h"
#include "base/file.h"
#include "base/rng.h"
#include "store/run_store.h"

namespace treesmith {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kUnits = 5;

double Seconds(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

double ProcessorSeconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) +
         1e-9 * static_cast<double>(time.tv_nsec);
}

// Bytes that this process has handed to write calls so far.
int64_t BytesWritten() {
  std::ifstream io("/proc/self/io");
  std::string key;
  int64_t value = 0;
  while (io >> key >> value) {
    if (key == "wchar:") return value;
  }
  return 0;
}

// Text with about the redundancy of a script.
std::string Words(Rng& rng, size_t bytes) {
  static constexpr std::string_view kWords[] = {
      "import ", "train", " = ", "np.", "fit(", ")\n    ", "column", "[0.5] "};
  std::string text;
  while (text.size() < bytes) {
    text += kWords[rng.Below(8)];
    if (rng.Below(4) == 0) text += std::to_string(rng.Below(1000));
  }
  return text;
}

// What one step of a run writes: transactions of events and contents.
struct Contents {
  std::string script;
  std::string output;
  std::string diagnosis;
  std::vector<std::string> predictions;  // plain
  std::vector<std::string> packed;       // as a worker hands them over
};

Contents MakeContents(Rng& rng, size_t rows) {
  Contents contents{
      Words(rng, 4'000), Words(rng, 1'500), Words(rng, 800), {}, {}};
  for (int unit = 0; unit < kUnits; ++unit) {
    std::string bytes;
    for (size_t row = 0; row < rows; ++row) {
      const auto value = static_cast<float>(rng.Normal());
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    contents.packed.push_back(Compress(bytes));
    contents.predictions.push_back(std::move(bytes));
  }
  return contents;
}

// Writes the log of a run; adds up what the store itself takes.
class Writer {
 public:
  explicit Writer(RunStore& store) : store_(store) {}

  void Step(int64_t id, const Contents& contents) {
    const StepId step{id};
    Append({Proposed{step,
                     {Operator::kImprove,
                      {NodeId{id / 2}},
                      "improve node 12 (lightgbm, 0.4321): 3 of 7 tries"}}},
           {});
    Written written;
    written.step = step;
    written.plan =
        "Encode the hour as two circles and retrain with fewer "
        "leaves, because the error sits at night.";
    written.change = "encode.cyclic";
    written.family = "lightgbm";
    written.origin = std::string(200, 'o');
    written.script = HashBytes(contents.script);
    Append({written}, {{written.script, contents.script}});
    for (int unit = 0; unit < kUnits; ++unit) {
      const std::string& plain = contents.predictions[unit];
      FoldRun run;
      run.step = step;
      run.unit = unit;
      run.value = 0.4321;
      run.predictions = HashBytes(plain);
      std::vector<Blob> blobs = {
          {run.predictions, contents.packed[unit], Blob::Codec::kZstd}};
      if (unit == 0) {
        run.output = HashBytes(contents.output);
        blobs.push_back({run.output, contents.output});
      }
      Append({run}, blobs);
    }
    NodeAdded added;
    added.step = step;
    added.score = NodeScore{};
    added.score->value = MetricValue(0.4321, Direction::kMinimize);
    added.score->unit_values.assign(kUnits, 0.4321);
    added.finding = "Better at night; no change on week-ends.";
    added.diagnosis = HashBytes(contents.diagnosis);
    Append({added}, {{added.diagnosis, contents.diagnosis}});
  }

  [[nodiscard]] double seconds() const { return seconds_; }
  [[nodiscard]] double processor_seconds() const { return processor_seconds_; }
  [[nodiscard]] int64_t data_bytes() const { return data_bytes_; }

 private:
  void Append(std::vector<EventBody> bodies, const std::vector<Blob>& blobs) {
    std::vector<Event> events;
    for (EventBody& body : bodies) {
      data_bytes_ += static_cast<int64_t>(EncodeEvent(body).size());
      events.push_back({.body = std::move(body)});
    }
    for (const Blob& blob : blobs) {
      data_bytes_ += static_cast<int64_t>(blob.bytes.size());
    }
    const auto start = SteadyClock::now();
    const double processor = ProcessorSeconds();
    const Status status = store_.Append(events, blobs);
    processor_seconds_ += ProcessorSeconds() - processor;
    seconds_ += Seconds(start);
    if (!status.ok()) {
      std::fprintf(stderr, "error: %s\n", status.error().message.c_str());
      std::exit(1);
    }
  }

  RunStore& store_;
  double seconds_ = 0;
  double processor_seconds_ = 0;
  int64_t data_bytes_ = 0;
};

void MeasureStore(const std::filesystem::path& path, int nodes, size_t rows) {
  const int64_t before = BytesWritten();
  double seconds = 0;
  int64_t data = 0;
  int64_t on_disk = 0;
  {
    Result<RunStore> store = RunStore::Create(path);
    if (!store.ok()) {
      std::fprintf(stderr, "error: %s\n", store.error().message.c_str());
      std::exit(1);
    }
    Writer writer(*store);
    Rng rng(1);
    for (int64_t id = 0; id < nodes; ++id) {
      writer.Step(id, MakeContents(rng, rows));
      if (id + 1 == nodes / 10 || id + 1 == nodes) {
        const double steps = static_cast<double>(id + 1) / 1e3;
        std::printf(
            "  own I/O a step, to node %ld: %.3f ms, of it processor "
            "%.3f ms\n",
            id + 1, writer.seconds() / steps,
            writer.processor_seconds() / steps);
      }
    }
    seconds = writer.seconds();
    data = writer.data_bytes();
  }
  on_disk = static_cast<int64_t>(std::filesystem::file_size(path));
  const int64_t written = BytesWritten() - before;
  std::printf(
      "  %d nodes: %.1f s in all, data %.1f MB, written %.1f MB "
      "(%.2f x), on disk %.1f MB\n",
      nodes, seconds, static_cast<double>(data) / 1e6,
      static_cast<double>(written) / 1e6,
      static_cast<double>(written) / static_cast<double>(data),
      static_cast<double>(on_disk) / 1e6);
  const auto start = SteadyClock::now();
  const double processor = ProcessorSeconds();
  RunStore store = *RunStore::Open(path, RunStore::Mode::kReadWrite);
  int64_t events = 0;
  const Status status = store.ForEachEvent([&](const Event&) -> Status {
    ++events;
    return {};
  });
  std::printf("  reading %ld events: %.2f s, of it processor %.2f s%s\n",
              events, Seconds(start), ProcessorSeconds() - processor,
              status.ok() ? "" : " (failed)");
}

// aideml's way: all nodes in one JSON text, written anew at every step.
void MeasureRewriting(const std::filesystem::path& path, int nodes) {
  Rng rng(1);
  std::string journal = "[";
  const int64_t before = BytesWritten();
  double last = 0;
  for (int id = 0; id < nodes; ++id) {
    const Contents contents = MakeContents(rng, 0);
    journal += EncodeEvent(Steered{contents.script + contents.output}) + ",";
    const auto start = SteadyClock::now();
    if (!WriteFile(path, journal + "]").ok()) std::exit(1);
    last = Seconds(start);
  }
  std::printf(
      "  %d nodes of script and output only: %.2f ms at the last step, "
      "written %.1f MB for %.1f MB (%.0f x)\n",
      nodes, 1e3 * last, static_cast<double>(BytesWritten() - before) / 1e6,
      static_cast<double>(journal.size()) / 1e6,
      static_cast<double>(BytesWritten() - before) /
          static_cast<double>(journal.size()));
}

int Main(int nodes, size_t rows, const std::filesystem::path& folder) {
  utsname machine{};
  ::uname(&machine);
  std::printf("machine: %s %s, %u processors; folder %s\n", machine.sysname,
              machine.release, std::thread::hardware_concurrency(),
              folder.c_str());
  std::printf("run.db, 8 transactions a step:\n");
  MeasureStore(folder / "run.db", nodes, rows);
  std::printf("a JSON journal written anew at every step:\n");
  MeasureRewriting(folder / "journal.json", std::min(nodes, 1'000));
  return 0;
}

}  // namespace
}  // namespace treesmith

int main(int argc, char** argv) {
  using treesmith::TemporaryFolder;
  const int nodes = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const int rows = argc > 2 ? std::atoi(argv[2]) : 2'000;
  if (nodes < 10 || rows < 1) {
    std::fprintf(stderr,
                 "usage: store_log [NODES, 10 or more] [ROWS] [FOLDER]\n");
    return 2;
  }
  treesmith::Result<TemporaryFolder> own = TemporaryFolder::Make("store_log");
  if (!own.ok()) return 1;
  return treesmith::Main(nodes, static_cast<size_t>(rows),
                         argc > 3 ? argv[3] : own->path());
}

// What a call of a language model costs beyond the network, and how many run at
// once.
//
//   llm_calls            prints the figures
//   llm_calls --serve    only serves the stub until stdin ends, for peers
//                        (bench/llm_calls_peer.py)
//
// The stub server answers on the loopback. "Bare" is the same exchange over a
// plain blocking socket that parses nothing; own time = whole stack - bare, on
// the wall and of the processor in the thread that asks: the latter tells the
// same on a machine that others use too.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): POSIX clocks

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/unique_fd.h"
#include "llm/make_client.h"
#include "testing/http/stub_llm_server.h"

namespace treesmith {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr int kCalls = 500;
constexpr size_t kPromptBytes = 24000;
constexpr size_t kAnswerBytes = 6000;
constexpr int kEvents = 400;
constexpr int kStreams = 64;
constexpr int kSlowEvents = 50;
constexpr std::chrono::milliseconds kBetweenEvents{20};

double Now() {
  return Seconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct NoObserver : CallObserver {
  bool OnCallStarted(const CallNote&, const Reservation&,
                     const std::stop_token&) override {
    return true;
  }
  void OnCallEnded(const CallNote&, LlmOutcome&) override {}
};

StubAnswer FastAnswer() {
  return {.text = std::string(kAnswerBytes, 'x'),
          .input_tokens = 6000,
          .output_tokens = 1500,
          .pieces = kEvents};
}

// The same request and answer without curl, JSON or SSE.
class BareClient {
 public:
  BareClient(int port, const std::string& body) : request_(Head(body) + body) {
    socket_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address),
                    sizeof address) == 0);
  }

  void Ask() {
    CHECK(::send(socket_.get(), request_.data(), request_.size(), 0) ==
          static_cast<ssize_t>(request_.size()));
    std::string answer;
    char bytes[65536];
    while (!answer.ends_with("\r\n0\r\n\r\n")) {
      const ssize_t count = ::recv(socket_.get(), bytes, sizeof bytes, 0);
      CHECK(count > 0);
      answer.append(bytes, static_cast<size_t>(count));
    }
  }

 private:
  static std::string Head(const std::string& body) {
    return "POST /chat/completions HTTP/1.1\r\ncontent-length: " +
           std::to_string(body.size()) + "\r\n\r\n";
  }
  UniqueFd socket_;
  std::string request_;
};

// A client of the whole stack against a server.
class Bench {
 public:
  explicit Bench(const StubLlmServer& server) {
    ModelTables tables;
    tables["stub"] = {.provider = "compatible",
                      .model = "stub",
                      .base_url = server.url(),
                      .at_once = kStreams};
    Result<ModelConfig> config = ResolveModel("stub", tables, {});
    CHECK(config.ok());
    config_ = *std::move(config);
    client_ = maker_.Make(config_);
  }

  void Ask() {
    const Result<LlmReply> reply = client_->Ask(Request(), {});
    CHECK(reply.ok());
  }
  [[nodiscard]] std::string Body() const {
    return config_.endpoint.format->body(Request(), config_.options);
  }

 private:
  static LlmRequest Request() {
    return {.system = "You write programs.",
            .prefix = std::string(kPromptBytes, 'p'),
            .tail = "Go on."};
  }

  std::unique_ptr<HttpTransport> transport_ = MakeCurlTransport();
  SystemClock clock_;
  SystemPause pause_;
  Meter meter_{CallBudget{}};
  NoObserver observer_;
  ClientMaker maker_{{.transport = *transport_,
                      .clock = clock_,
                      .pause = pause_,
                      .meter = meter_,
                      .observer = observer_}};
  ModelConfig config_;
  std::unique_ptr<LlmClient> client_;
};

// Of the thread that asks: it does all of the client's work.
double ProcessorNow() {
  timespec time{};
  CHECK(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) / 1e9;
}

// Milliseconds of calls, on the wall and of the processor.
struct Times {
  std::vector<double> wall;
  std::vector<double> processor;

  template <typename Call>
  void Add(Call call) {
    const double start = Now();
    const double processor_start = ProcessorNow();
    call();
    processor.push_back((ProcessorNow() - processor_start) * 1e3);
    wall.push_back((Now() - start) * 1e3);
  }
};

double Median(std::vector<double> values) {
  const auto middle =
      values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

void MeasureOwnTime() {
  const StubLlmServer server([](const StubRequest&) { return FastAnswer(); });
  Bench bench(server);
  const std::string url = server.url();
  BareClient bare(std::stoi(url.substr(url.rfind(':') + 1)), bench.Body());
  bench.Ask();
  bare.Ask();
  // Turn by turn, so that both meet the same load of the machine.
  Times plain;
  Times full;
  for (int i = 0; i < kCalls; ++i) {
    plain.Add([&] { bare.Ask(); });
    full.Add([&] { bench.Ask(); });
  }
  std::printf("call, %zu bytes asked, %d events answered, median of %d:\n",
              kPromptBytes, kEvents, kCalls);
  const auto print = [](const char* what, const std::vector<double>& whole,
                        const std::vector<double>& network) {
    std::printf(
        "  %-9s whole stack %.3f ms, bare socket %.3f ms, own time %.3f ms\n",
        what, Median(whole), Median(network), Median(whole) - Median(network));
  };
  print("wall", full.wall, plain.wall);
  print("processor", full.processor, plain.processor);
}

void MeasureStreams() {
  const StubLlmServer server([](const StubRequest&) {
    StubAnswer answer = FastAnswer();
    answer.pieces = kSlowEvents;
    answer.between_pieces = kBetweenEvents;
    return answer;
  });
  Bench bench(server);
  const double start = Now();
  {
    std::vector<std::jthread> threads;
    threads.reserve(kStreams);
    for (int i = 0; i < kStreams; ++i) {
      threads.emplace_back([&] { bench.Ask(); });
    }
  }
  const double wall = Now() - start;
  const double alone = Seconds(kBetweenEvents).count() * (kSlowEvents + 4);
  std::printf(
      "%d streams at once in one process: %.2f s (one alone takes %.2f s), "
      "%d were open at the same time\n",
      kStreams, wall, alone, server.most_at_once());
}

void PrintMachine() {
  utsname system{};
  ::uname(&system);
  std::printf("machine: %u cores, %s %s\n", std::thread::hardware_concurrency(),
              system.sysname, system.machine);
}

void Serve() {
  const StubLlmServer server([](const StubRequest&) { return FastAnswer(); });
  std::cout << server.url() << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
}

}  // namespace
}  // namespace treesmith

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "--serve") {
    treesmith::Serve();
    return 0;
  }
  treesmith::PrintMachine();
  treesmith::MeasureOwnTime();
  treesmith::MeasureStreams();
  return 0;
}

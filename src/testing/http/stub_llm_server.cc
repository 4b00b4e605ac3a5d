#include "testing/http/stub_llm_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <list>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/guarded.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "testing/http/stub_wire.h"

namespace treesmith {
namespace {

constexpr int kBacklog = 512;

// Reads one request; false when the client has hung up.
class RequestReader {
 public:
  explicit RequestReader(int fd) : fd_(fd) {}

  bool Read(StubRequest& request) {
    size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return false;
    }
    ParseHead(buffer_.substr(0, end), request);
    buffer_.erase(0, end + 4);
    const auto length = request.headers.find("content-length");
    const size_t bytes =
        length == request.headers.end()
            ? 0
            : std::strtoull(length->second.c_str(), nullptr, 10);
    while (buffer_.size() < bytes) {
      if (!Fill()) return false;
    }
    request.body = buffer_.substr(0, bytes);
    buffer_.erase(0, bytes);
    return true;
  }

 private:
  bool Fill() {
    char bytes[65536];
    const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    buffer_.append(bytes, static_cast<size_t>(count));
    return true;
  }

  static void ParseHead(const std::string& head, StubRequest& request) {
    size_t at = head.find("\r\n");
    const std::string first = head.substr(0, at);
    const size_t space = first.find(' ');
    request.path = first.substr(space + 1, first.rfind(' ') - space - 1);
    while (at != std::string::npos) {
      const size_t next = head.find("\r\n", at + 2);
      const std::string line =
          head.substr(at + 2, next == std::string::npos ? next : next - at - 2);
      const size_t colon = line.find(':');
      if (colon != std::string::npos) {
        const std::string name = Lowered(line.substr(0, colon));
        const size_t value = line.find_first_not_of(' ', colon + 1);
        request.headers[name] =
            value == std::string::npos ? "" : line.substr(value);
      }
      at = next;
    }
  }

  int fd_;
  std::string buffer_;
};

bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

// Closes with RST instead of FIN, as a crashed server or a proxy does.
void ResetConnection(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

// Silence until the client hangs up or the server shuts down.
void Stall(int fd) {
  pollfd waiting{.fd = fd, .events = POLLIN | POLLRDHUP, .revents = 0};
  ::poll(&waiting, 1, -1);
}

std::string StatusLine(int status) {
  return "HTTP/1.1 " + std::to_string(status) +
         (status < 400 ? " OK" : " Error") + "\r\n";
}

std::string Chunk(std::string_view bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

void UseCrlf(std::vector<std::string>& pieces) {
  for (std::string& piece : pieces) {
    std::string longer;
    for (const char c : piece) {
      if (c == '\n') longer += '\r';
      longer += c;
    }
    piece = std::move(longer);
  }
}

// The same bytes cut into pieces of one size, whatever events they hold.
std::vector<std::string> Recut(const std::vector<std::string>& pieces,
                               size_t bytes) {
  std::string whole;
  for (const std::string& piece : pieces) whole += piece;
  std::vector<std::string> cut;
  for (size_t at = 0; at < whole.size(); at += bytes) {
    cut.push_back(whole.substr(at, bytes));
  }
  return cut;
}

}  // namespace

class StubLlmServer::Impl {
 public:
  explicit Impl(StubHandler handler) : handler_(std::move(handler)) {
    listener_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CHECK(listener_.get() >= 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    CHECK(::bind(listener_.get(), generic, size) == 0);
    CHECK(::listen(listener_.get(), kBacklog) == 0);
    CHECK(::getsockname(listener_.get(), generic, &size) == 0);
    port_ = ntohs(address.sin_port);
    acceptor_ =
        std::jthread([this](const std::stop_token& stop) { Accept(stop); });
  }

  ~Impl() {
    acceptor_.request_stop();
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    // Wakes every thread that reads, writes or stalls.
    {
      auto open = open_.Lock();
      for (const int fd : *open) ::shutdown(fd, SHUT_RDWR);
    }
    connections_.clear();
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::vector<StubRequest> requests() {
    return *requests_.Lock();
  }
  [[nodiscard]] int most_at_once() const { return most_at_once_; }

 private:
  void Accept(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!fd) continue;
      const int on = 1;
      ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      open_.Lock()->push_back(fd.get());
      connections_.emplace_back(
          [this, owned = std::move(fd)] { Serve(owned.get()); });
    }
  }

  void Serve(int fd) {
    RequestReader reader(fd);
    while (true) {
      StubRequest request;
      if (!reader.Read(request)) break;
      const int now = ++at_once_;
      int most = most_at_once_;
      while (now > most && !most_at_once_.compare_exchange_weak(most, now)) {
      }
      const bool keep = Answer(fd, request);
      --at_once_;
      if (!keep) break;
    }
    std::erase(*open_.Lock(), fd);
  }

  // False when the connection is over.
  bool Answer(int fd, StubRequest& request) {
    const bool known = ReadStubRequest(request);
    {
      auto requests = requests_.Lock();
      request.serial = static_cast<int64_t>(requests->size());
      requests->push_back(request);
    }
    const StubAnswer answer =
        known ? handler_(request)
              : StubAnswer{.status = 404, .error = "no such path"};
    StubPayload payload = answer.status < 400 ? WriteStubAnswer(request, answer)
                                              : WriteStubError(request, answer);
    if (answer.crlf) UseCrlf(payload.pieces);
    if (answer.write_bytes > 0) {
      payload.pieces = Recut(payload.pieces, answer.write_bytes);
    }
    return SendAnswer(fd, answer, payload);
  }

  static bool SendAnswer(int fd, const StubAnswer& answer,
                         const StubPayload& payload) {
    if (answer.fault == StubFault::kResetBeforeAnswer) {
      ResetConnection(fd);
      return false;
    }
    if (answer.fault == StubFault::kStallBeforeAnswer) {
      Stall(fd);
      return false;
    }
    if (!SendAll(fd, Head(answer, payload))) return false;
    return SendBody(fd, answer, payload);
  }

  static std::string Head(const StubAnswer& answer,
                          const StubPayload& payload) {
    std::string head = StatusLine(answer.status) +
                       "content-type: " + payload.content_type + "\r\n";
    for (const auto& [name, value] : answer.headers) {
      head.append(name).append(": ").append(value).append("\r\n");
    }
    if (payload.chunked) return head + "transfer-encoding: chunked\r\n\r\n";
    size_t bytes = 0;
    for (const std::string& piece : payload.pieces) bytes += piece.size();
    // Half a body that is announced as if it were whole.
    if (answer.fault == StubFault::kHalfJson) bytes /= 2;
    return head + "content-length: " + std::to_string(bytes) + "\r\n\r\n";
  }

  static bool SendBody(int fd, const StubAnswer& answer,
                       const StubPayload& payload) {
    size_t total = 0;
    for (const std::string& piece : payload.pieces) total += piece.size();
    const bool half = answer.fault == StubFault::kResetMidStream ||
                      answer.fault == StubFault::kStallMidStream ||
                      answer.fault == StubFault::kHalfJson;
    size_t left = half ? total / 2 : total;
    for (const std::string& piece : payload.pieces) {
      const std::string_view part =
          std::string_view(piece).substr(0, std::min(left, piece.size()));
      if (part.empty()) break;
      left -= part.size();
      if (!SendAll(fd, payload.chunked ? Chunk(part) : std::string(part))) {
        return false;
      }
      if (answer.between_pieces.count() > 0) {
        std::this_thread::sleep_for(answer.between_pieces);
      }
    }
    if (answer.fault == StubFault::kResetMidStream) {
      ResetConnection(fd);
      return false;
    }
    if (answer.fault == StubFault::kStallMidStream) {
      Stall(fd);
      return false;
    }
    return !payload.chunked || SendAll(fd, "0\r\n\r\n");
  }

  StubHandler handler_;
  UniqueFd listener_;
  int port_ = 0;
  Guarded<std::vector<StubRequest>> requests_;
  Guarded<std::vector<int>> open_;
  std::atomic<int> at_once_ = 0;
  std::atomic<int> most_at_once_ = 0;
  // Only the acceptor adds; cleared (and joined) after it has ended.
  std::list<std::jthread> connections_;
  std::jthread acceptor_;
};

StubLlmServer::StubLlmServer(StubHandler handler)
    : impl_(std::make_unique<Impl>(std::move(handler))) {}
StubLlmServer::~StubLlmServer() = default;

std::string StubLlmServer::url() const {
  return "http://127.0.0.1:" + std::to_string(impl_->port());
}
std::vector<StubRequest> StubLlmServer::requests() const {
  return impl_->requests();
}
int StubLlmServer::most_at_once() const { return impl_->most_at_once(); }

}  // namespace treesmith

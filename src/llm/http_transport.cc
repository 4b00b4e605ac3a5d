#include "llm/http_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/guarded.h"
#include "base/text.h"

namespace treesmith {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// An idle multi handle holds its open connections; this many callers at once
// find one, more than that open a new connection.
constexpr size_t kIdleHandles = 64;
constexpr Milliseconds kLongestPoll{1000};

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, EasyDeleter>;
using MultiHandle = std::unique_ptr<CURLM, MultiDeleter>;
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

// The two that one transfer at a time uses. The easy handle dies first.
struct Handles {
  MultiHandle multi;
  EasyHandle easy;
};

// One transfer from start to end, in the thread that asked.
class Transfer {
 public:
  Transfer(const HttpRequest& request, const HttpSink& sink,
           std::stop_token stop, Handles& handles)
      : request_(request),
        sink_(sink),
        stop_(std::move(stop)),
        handles_(handles),
        start_(std::chrono::steady_clock::now()),
        last_byte_(start_) {}

  HttpResponse Run() {
    SetUp();
    CHECK(curl_multi_add_handle(handles_.multi.get(), handles_.easy.get()) ==
          CURLM_OK);
    {
      // A stop wakes the wait below, from whichever thread asks for it.
      const std::stop_callback wake(
          stop_, [this] { curl_multi_wakeup(handles_.multi.get()); });
      Loop();
    }
    Conclude();
    curl_multi_remove_handle(handles_.multi.get(), handles_.easy.get());
    curl_easy_reset(handles_.easy.get());
    return std::move(response_);
  }

 private:
  template <typename T>
  void Set(CURLoption option, T value) {
    CHECK(curl_easy_setopt(handles_.easy.get(), option, value) == CURLE_OK);
  }

  void SetUp() {
    Set(CURLOPT_URL, request_.url.c_str());
    // Never `file:` or `gopher:`, whatever a configuration says.
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_POST, 1L);
    // Read by us and never rewound: where a kept connection breaks, libcurl
    // would send the request a second time, unseen by the books.
    Set(CURLOPT_READFUNCTION, &Transfer::OnUpload);
    Set(CURLOPT_READDATA, static_cast<void*>(this));
    Set(CURLOPT_SEEKFUNCTION, &Transfer::OnSeek);
    Set(CURLOPT_POSTFIELDSIZE_LARGE,
        static_cast<curl_off_t>(request_.body.size()));
    Set(CURLOPT_ACCEPT_ENCODING, "");
    Set(CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(request_.timeouts.connect.count()));
    Set(CURLOPT_ERRORBUFFER, error_);
    Set(CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
    Set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    Set(CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
    Set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    for (const auto& [name, value] : request_.headers) AddHeader(name, value);
    if (!request_.key.empty()) {
      AddHeader(request_.key_header,
                request_.key_prefix + request_.key.Reveal());
    }
    // libcurl would ask for leave first with bodies above 1 MiB and then wait
    // a second for servers that never answer that.
    AddHeader("expect", "");
    Set(CURLOPT_HTTPHEADER, headers_.get());
  }

  void AddHeader(const std::string& name, const std::string& value) {
    std::string line = name + (value.empty() ? ":" : ": " + value);
    // A line break in a value would let it write headers of its own.
    std::erase_if(line, [](char c) { return c == '\r' || c == '\n'; });
    // The first append makes the list, later ones return it as it was.
    curl_slist* list = curl_slist_append(headers_.get(), line.c_str());
    CHECK(list != nullptr);
    if (headers_ == nullptr) headers_.reset(list);
  }

  void Loop() {
    while (true) {
      int running = 0;
      if (curl_multi_perform(handles_.multi.get(), &running) != CURLM_OK) {
        code_ = CURLE_FAILED_INIT;
        return;
      }
      if (running == 0) break;
      if (stop_.stop_requested()) {
        ended_ = HttpEnd::kCancelled;
        return;
      }
      const Milliseconds left = TimeLeft();
      if (ended_) return;
      curl_multi_poll(handles_.multi.get(), nullptr, 0,
                      static_cast<int>(left.count()), nullptr);
    }
    int queued = 0;
    while (const CURLMsg* message =
               curl_multi_info_read(handles_.multi.get(), &queued)) {
      if (message->msg == CURLMSG_DONE) code_ = message->data.result;
    }
  }

  // Until the next limit; sets `ended_` when one has passed.
  Milliseconds TimeLeft() {
    const SteadyTime now = std::chrono::steady_clock::now();
    const auto left = [&](SteadyTime from, Milliseconds limit, HttpEnd end) {
      const auto rest = std::chrono::ceil<Milliseconds>(from + limit - now);
      if (rest.count() <= 0 && !ended_) ended_ = end;
      return rest;
    };
    Milliseconds rest =
        left(start_, request_.timeouts.total, HttpEnd::kTotalTimeout);
    if (began_) {
      rest = std::min(
          rest, left(last_byte_, request_.timeouts.silence, HttpEnd::kSilence));
    } else {
      rest = std::min(
          rest,
          left(start_, request_.timeouts.connect + request_.timeouts.first_byte,
               HttpEnd::kFirstByteTimeout));
    }
    return std::clamp(rest, Milliseconds(0), kLongestPoll);
  }

  void Conclude() {
    response_.sent = uploaded_ > 0 || response_.status != 0;
    response_.end = ended_ ? *ended_ : EndOf(code_);
    if (response_.end != HttpEnd::kComplete &&
        response_.end != HttpEnd::kCancelled && !ended_) {
      response_.error = error_[0] != 0 ? error_ : curl_easy_strerror(code_);
    }
  }

  [[nodiscard]] HttpEnd EndOf(CURLcode code) const {
    switch (code) {
      case CURLE_OK:
        return HttpEnd::kComplete;
      case CURLE_WRITE_ERROR:
        return HttpEnd::kCut;
      case CURLE_OPERATION_TIMEDOUT:
        return HttpEnd::kConnectTimeout;
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL:
      case CURLE_PEER_FAILED_VERIFICATION:
        return HttpEnd::kUnusable;
      case CURLE_COULDNT_CONNECT:
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_RESOLVE_PROXY:
      case CURLE_SSL_CONNECT_ERROR:
        return HttpEnd::kNoConnection;
      default:
        return HttpEnd::kReset;
    }
  }

  static size_t OnUpload(char* bytes, size_t size, size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::string_view rest =
        std::string_view(transfer.request_.body).substr(transfer.uploaded_);
    const size_t part = std::min(size * count, rest.size());
    std::copy_n(rest.data(), part, bytes);
    transfer.uploaded_ += part;
    return part;
  }

  static int OnSeek(void* /*self*/, curl_off_t /*offset*/, int /*origin*/) {
    return CURL_SEEKFUNC_FAIL;
  }

  static size_t OnBody(char* bytes, size_t, size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    transfer.Arrived();
    const std::string_view piece(bytes, count);
    if (transfer.sink_(transfer.response_, piece)) return count;
    return 0;  // ends the transfer with CURLE_WRITE_ERROR
  }

  static size_t OnHeader(char* bytes, size_t, size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    transfer.Arrived();
    const std::string_view line(bytes, count);
    HttpResponse& response = transfer.response_;
    if (line.starts_with("HTTP/")) {
      // Also after an interim "100 Continue" or a proxy's answer.
      response.headers.clear();
      long status = 0;
      curl_easy_getinfo(transfer.handles_.easy.get(), CURLINFO_RESPONSE_CODE,
                        &status);
      response.status = static_cast<int>(status);
      return count;
    }
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      response.headers[Lowered(Trimmed(line.substr(0, colon)))] =
          std::string(Trimmed(line.substr(colon + 1)));
    }
    return count;
  }

  void Arrived() {
    began_ = true;
    last_byte_ = std::chrono::steady_clock::now();
  }

  const HttpRequest& request_;
  const HttpSink& sink_;
  std::stop_token stop_;
  Handles& handles_;
  HeaderList headers_;
  HttpResponse response_;
  std::optional<HttpEnd> ended_;
  CURLcode code_ = CURLE_OK;
  size_t uploaded_ = 0;
  bool began_ = false;
  SteadyTime start_;
  SteadyTime last_byte_;
  char error_[CURL_ERROR_SIZE] = {};
};

class CurlTransport : public HttpTransport {
 public:
  CurlTransport() {
    // Not thread-safe in all builds of libcurl, hence once and guarded.
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  }

  HttpResponse Send(const HttpRequest& request, const HttpSink& sink,
                    std::stop_token stop) override {
    if (stop.stop_requested()) return {.end = HttpEnd::kCancelled};
    Handles handles = Take();
    HttpResponse response =
        Transfer(request, sink, std::move(stop), handles).Run();
    GiveBack(std::move(handles));
    return response;
  }

 private:
  Handles Take() {
    {
      auto idle = idle_.Lock();
      if (!idle->empty()) {
        Handles handles = std::move(idle->back());
        idle->pop_back();
        return handles;
      }
    }
    Handles handles{.multi = MultiHandle(curl_multi_init()),
                    .easy = EasyHandle(curl_easy_init())};
    CHECK(handles.multi != nullptr && handles.easy != nullptr);
    return handles;
  }

  void GiveBack(Handles handles) {
    auto idle = idle_.Lock();
    if (idle->size() < kIdleHandles) idle->push_back(std::move(handles));
  }

  Guarded<std::vector<Handles>> idle_;
};

}  // namespace

std::unique_ptr<HttpTransport> MakeCurlTransport() {
  return std::make_unique<CurlTransport>();
}

}  // namespace treesmith

#include "table/byte_source.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

namespace treesmith {
namespace {

// zlib's own default of 8 KiB costs a third of the time.
constexpr unsigned kGzipBuffer = 256 << 10;

struct CloseGzip {
  void operator()(gzFile file) const { gzclose(file); }
};

}  // namespace

struct ByteSource::State {
  std::unique_ptr<gzFile_s, CloseGzip> file;
  std::string name;
};

ByteSource::ByteSource(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;
ByteSource::~ByteSource() = default;

Result<ByteSource> ByteSource::Open(const std::filesystem::path& path) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status)) {
    return BadInput("open " + path.string() + ": no such file");
  }
  if (std::filesystem::is_directory(status)) {
    return BadInput("open " + path.string() + ": is a folder");
  }
  auto state = std::make_unique<State>();
  state->name = path.filename().string();
  // "r" passes on what is not gzip as it is.
  state->file.reset(gzopen(path.c_str(), "rbe"));
  if (!state->file) return ErrnoError("open", path.string());
  gzbuffer(state->file.get(), kGzipBuffer);
  return ByteSource(std::move(state));
}

Result<size_t> ByteSource::Read(std::span<char> buffer) {
  const auto most = static_cast<unsigned>(std::min<size_t>(
      buffer.size(), static_cast<size_t>(std::numeric_limits<int>::max())));
  const int got = gzread(state_->file.get(), buffer.data(), most);
  int code = Z_OK;
  const char* text = gzerror(state_->file.get(), &code);
  // A cut file answers what there is and Z_BUF_ERROR beside it.
  if (got < 0 || code == Z_BUF_ERROR) {
    const std::string cause =
        code == Z_BUF_ERROR ? "the gzip data end too early" : text;
    return BadInput("read " + state_->name + ": " + cause);
  }
  return static_cast<size_t>(got);
}

Result<std::string> ReadUnpacked(const std::filesystem::path& path,
                                 int64_t max_bytes) {
  TRY_ASSIGN(ByteSource source, ByteSource::Open(path));
  std::error_code code;
  const auto on_disk = std::filesystem::file_size(path, code);
  std::string bytes;
  size_t filled = 0;
  bytes.resize(code ? kGzipBuffer : static_cast<size_t>(on_disk) + 1);
  for (;;) {
    if (filled == bytes.size()) bytes.resize(bytes.size() * 2);
    TRY_ASSIGN(const size_t got, source.Read(std::span(bytes).subspan(filled)));
    if (got == 0) break;
    filled += got;
    if (static_cast<int64_t>(filled) > max_bytes) {
      return BadInput("read " + path.string() + ": more than " +
                      std::to_string(max_bytes) + " bytes");
    }
  }
  bytes.resize(filled);
  bytes.shrink_to_fit();
  return bytes;
}

std::string UnpackedName(std::string_view name) {
  if (name.ends_with(".gz")) name.remove_suffix(3);
  return std::string(name);
}

}  // namespace treesmith

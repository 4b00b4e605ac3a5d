#include "operators/builtin/python_text.h"

#include <fmt/format.h>

#include <cmath>

#include "base/check.h"

namespace treesmith {
namespace {

constexpr size_t kLineWidth = 88;  // ruff's and black's

// The end of the placeholder that starts at `start`, or npos where the '@' is
// an operator or a decorator.
size_t PlaceholderEnd(std::string_view text, size_t start) {
  size_t end = start + 1;
  while (end < text.size() &&
         (std::islower(static_cast<unsigned char>(text[end])) != 0 ||
          text[end] == '_')) {
    ++end;
  }
  if (end == start + 1 || end >= text.size() || text[end] != '@') {
    return std::string_view::npos;
  }
  return end;
}

}  // namespace

std::string PythonQuote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string PythonNumber(double value) {
  if (std::isfinite(value) && value == std::floor(value) &&
      std::abs(value) < 1e15) {
    return fmt::format("{}", static_cast<int64_t>(value));
  }
  return fmt::format("{}", value);
}

std::string PythonList(std::string_view name,
                       const std::vector<std::string>& values) {
  std::string line = fmt::format("{} = [", name);
  for (size_t i = 0; i < values.size(); ++i) {
    line += (i > 0 ? ", " : "") + PythonQuote(values[i]);
  }
  line += "]";
  if (line.size() <= kLineWidth) return line + "\n";
  std::string text = fmt::format("{} = [\n", name);
  line = "   ";
  for (const std::string& value : values) {
    const std::string item = " " + PythonQuote(value) + ",";
    if (line.size() > 3 && line.size() + item.size() > kLineWidth) {
      text += line + "\n";
      line = "   ";
    }
    line += item;
  }
  return text + line + "\n]\n";
}

std::string PythonArguments(
    const std::vector<std::pair<std::string, std::string>>& arguments,
    int indent) {
  std::string text;
  for (const auto& [name, value] : arguments) {
    text += fmt::format("{:{}}{}={},\n", "", indent, name, value);
  }
  return text;
}

std::string FillTemplate(
    std::string_view text,
    const std::vector<std::pair<std::string, std::string>>& values) {
  std::string filled;
  size_t at = 0;
  while (at < text.size()) {
    const size_t start = text.find('@', at);
    if (start == std::string_view::npos) break;
    const size_t end = PlaceholderEnd(text, start);
    if (end == std::string_view::npos) {
      filled += text.substr(at, start + 1 - at);
      at = start + 1;
      continue;
    }
    filled += text.substr(at, start - at);
    const std::string_view name = text.substr(start + 1, end - start - 1);
    bool bound = false;
    for (const auto& [key, value] : values) {
      if (key != name) continue;
      filled += value;
      bound = true;
      break;
    }
    CHECK(bound);
    at = end + 1;
  }
  return filled + std::string(text.substr(at));
}

std::string PythonBlock(std::string_view head, const std::string& lines) {
  if (lines.empty()) return "";
  std::string text = std::string(head) + ":\n";
  for (const char character : lines) {
    if (text.back() == '\n') text += "    ";
    text += character;
  }
  return text;
}

std::vector<std::string> WrapWords(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  std::string line;
  size_t at = 0;
  while (at < text.size()) {
    size_t end = text.find(' ', at);
    if (end == std::string_view::npos) end = text.size();
    const std::string word(text.substr(at, end - at));
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      lines.push_back(line);
      line.clear();
    }
    if (!word.empty()) line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace treesmith

#include "code/edit_align.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "code/common_lines.h"
#include "code/edit_cut.h"

namespace treesmith {
namespace {

using Lines = std::vector<SourceLine>;

constexpr int kPythonUnit = 4;

// Columns of one level of indentation: how far the line after one that opens
// a block mostly is from it; 0 where no block is opened. Prose has lines that
// end in a colon too, hence "mostly".
int IndentUnit(const Lines& lines) {
  std::map<int, int> votes;
  int opened_at = -1;
  for (const SourceLine& line : lines) {
    if (IsBlank(line.text) || Trimmed(line.text).starts_with('#')) continue;
    const int width = IndentWidth(line.text);
    if (opened_at >= 0 && width > opened_at) ++votes[width - opened_at];
    opened_at = Squeezed(line.text).ends_with(':') ? width : -1;
  }
  const auto most = std::ranges::max_element(
      votes, {}, [](const auto& vote) { return vote.second; });
  return most == votes.end() ? 0 : most->first;
}

// A line of `wanted`: kept (then `script_line` says which) or new.
struct WantedLine {
  std::optional<size_t> script_line;
  std::string text;  // as it will stand in the script; for new ones
};

class Aligner {
 public:
  Aligner(const Lines& script, const std::vector<bool>& in_string,
          const Lines& quoted, const Lines& wanted, const EditPlace& place)
      : script_(script),
        in_string_(in_string),
        quoted_(quoted),
        wanted_(wanted),
        place_(place),
        indents_(place.indents),
        first_line_shorn_(place.first_line_shorn) {
    if (IsOneShornLine()) {
      const std::string_view actual = IndentOf(script[place.lines[0]].text);
      indents_ = {};
      indents_.Note(IndentWidth(actual), actual);
      first_line_shorn_ = true;
    }
  }

  Alignment Run() {
    Pair();
    Alignment alignment;
    alignment.refusal = Render();
    if (!alignment.refusal.empty()) return alignment;
    alignment.splices = MakeSplices();
    if (TouchesString(alignment.splices)) {
      if (!place_.exact) {
        alignment.refusal =
            "its lines stand in a string over several lines, where white space "
            "counts; quote them exactly as they are";
        return alignment;
      }
      TakeAsWritten();
      alignment.splices = MakeSplices();
    }
    alignment.refusal = WhyCut(alignment.splices);
    return alignment;
  }

 private:
  // A single quoted line without its indentation may be dedented, the new lines
  // with it, or shorn, and they are not: then they are indented as the script
  // is though the first opens no block.
  [[nodiscard]] bool IsOneShornLine() const {
    const std::vector<size_t> wanted = Filled(wanted_);
    if (place_.lines.size() != 1 || wanted.size() < 2) return false;
    const int actual = IndentWidth(script_[place_.lines[0]].text);
    const std::string first = Squeezed(wanted_[wanted[0]].text);
    if (IndentWidth(quoted_[Filled(quoted_)[0]].text) != 0 || actual == 0 ||
        IndentWidth(wanted_[wanted[0]].text) != 0 ||
        first.find_last_of(":([{\\") + 1 == first.size()) {
      return false;
    }
    return std::all_of(wanted.begin() + 1, wanted.end(), [&](size_t i) {
      return IndentWidth(wanted_[i].text) >= actual;
    });
  }

  // Which of the wanted lines are the quoted ones.
  void Pair() {
    std::vector<size_t> filled_quoted = Filled(quoted_);
    std::vector<size_t> filled_wanted = Filled(wanted_);
    lines_.resize(wanted_.size());
    const auto texts = [](const Lines& lines, const std::vector<size_t>& some) {
      std::vector<std::string_view> all;
      all.reserve(some.size());
      for (const size_t i : some) all.push_back(WithoutTrailing(lines[i].text));
      return all;
    };
    for (const auto& [q, w] : CommonLines(texts(quoted_, filled_quoted),
                                          texts(wanted_, filled_wanted))) {
      lines_[filled_wanted[w]].script_line = place_.lines[q];
    }
  }

  static std::string_view WithoutTrailing(std::string_view line) {
    return line.substr(0, IndentOf(line).size() + Trimmed(line).size());
  }

  static std::vector<size_t> Filled(const Lines& lines) {
    std::vector<size_t> filled;
    for (size_t i = 0; i < lines.size(); ++i) {
      if (!IsBlank(lines[i].text)) filled.push_back(i);
    }
    return filled;
  }

  // Gives new lines their indentation; why that cannot be.
  std::string Render() {
    const int script_unit = std::max(IndentUnit(script_), 0);
    int quoted_unit = std::max(IndentUnit(quoted_), IndentUnit(wanted_));
    const int to = script_unit > 0 ? script_unit : kPythonUnit;
    if (quoted_unit == 0) quoted_unit = to;
    bool first = true;
    for (size_t i = 0; i < wanted_.size(); ++i) {
      const std::string_view text = WithoutTrailing(wanted_[i].text);
      if (IsBlank(text)) continue;
      const bool shorn = first_line_shorn_ && first;
      first = false;
      if (lines_[i].script_line) continue;
      if (StandsForMore(text)) {
        return "its REPLACE part leaves lines out (`" +
               std::string(Trimmed(text)) + "`); write them all";
      }
      const int width = IndentWidth(text);
      std::string indent;
      if (shorn && width == 0) {
        indent = IndentOf(script_[place_.lines.front()].text);
      } else if (first_line_shorn_ && width == 0 &&
                 indents_.least_actual_width() > 0) {
        return "the indentation of its lines contradicts the script's";
      } else {
        indent = indents_.Translate(width, quoted_unit, to);
      }
      lines_[i].text = indent + std::string(Trimmed(text));
    }
    return {};
  }

  // Whether a splice begins or ends within a string over several lines.
  [[nodiscard]] bool TouchesString(const std::vector<Splice>& splices) const {
    const auto inside = [&](size_t line) {
      return line < in_string_.size() && in_string_[line];
    };
    return std::ranges::any_of(splices, [&](const Splice& splice) {
      return inside(splice.begin) || inside(splice.end);
    });
  }

  void TakeAsWritten() {
    for (size_t i = 0; i < wanted_.size(); ++i) {
      if (!lines_[i].script_line) {
        lines_[i].text = WithoutTrailing(wanted_[i].text);
      }
    }
  }

  // Of the wanted lines [from, to) those without blank ones at the outside.
  [[nodiscard]] std::pair<size_t, size_t> Core(size_t from, size_t to) const {
    while (from < to && IsBlank(wanted_[from].text)) ++from;
    while (to > from && IsBlank(wanted_[to - 1].text)) --to;
    return {from, to};
  }

  [[nodiscard]] std::vector<std::string> Texts(size_t from, size_t to) const {
    std::vector<std::string> texts;
    texts.reserve(to - from);
    for (size_t i = from; i < to; ++i) texts.push_back(lines_[i].text);
    return texts;
  }

  // Walks the gaps between kept lines; each may be a splice.
  std::vector<Splice> MakeSplices() {
    std::vector<Splice> splices;
    std::optional<size_t> before;  // the kept line before the gap
    size_t from = 0;
    for (size_t i = 0; i < wanted_.size(); ++i) {
      if (!lines_[i].script_line) continue;
      AddGap(before, lines_[i].script_line, from, i, splices);
      before = lines_[i].script_line;
      from = i + 1;
    }
    AddGap(before, std::nullopt, from, wanted_.size(), splices);
    return splices;
  }

  // The wanted lines [from, to) stand between the kept lines `before` and
  // `after` of the script. The script's own blank lines at the seams stay,
  // unless the edit adds or takes some.
  void AddGap(std::optional<size_t> before, std::optional<size_t> after,
              size_t from, size_t to, std::vector<Splice>& splices) const {
    const auto [core_from, core_to] = Core(from, to);
    std::vector<size_t> gone;
    for (const size_t line : place_.lines) {
      if (before && line <= *before) continue;
      if (after && line >= *after) continue;
      gone.push_back(line);
    }
    if (!gone.empty()) {
      splices.push_back(
          {gone.front(), gone.back() + 1, Texts(core_from, core_to), 0});
      return;
    }
    if (core_from == core_to) {
      if (before && after) AddBlankLines(*before, *after, to - from, splices);
      return;
    }
    // Only new lines. Blank lines that the script has are not written again.
    if (before && after) {
      const size_t blank = *after - *before - 1;
      const bool above = core_from > from && blank > 0;
      const size_t at = above ? *after : *before + 1;
      splices.push_back(
          {at, at,
           Texts(above ? core_from : from, above || blank == 0 ? to : core_to),
           0});
    } else if (before) {
      splices.push_back({*before + 1, *before + 1, Texts(from, core_to), 0});
    } else {
      splices.push_back({*after, *after, Texts(core_from, to), 0});
    }
  }

  // Two kept lines stand next to each other, `wanted` blank lines between: an
  // edit that quotes as many as the script has may change their number.
  void AddBlankLines(size_t before, size_t after, size_t wanted,
                     std::vector<Splice>& splices) const {
    const size_t has = after - before - 1;
    if (wanted == has || QuotedBlanksAfter(before) != has) return;
    splices.push_back({before + 1, after, std::vector<std::string>(wanted), 0});
  }

  [[nodiscard]] size_t QuotedBlanksAfter(size_t script_line) const {
    const auto at =
        std::find(place_.lines.begin(), place_.lines.end(), script_line);
    auto left = at - place_.lines.begin() + 1;
    size_t i = 0;
    while (left > 0) left -= IsBlank(quoted_[i++].text) ? 0 : 1;
    size_t blanks = 0;
    while (i < quoted_.size() && IsBlank(quoted_[i].text)) ++i, ++blanks;
    return blanks;
  }

  // The script's filled lines outside the place, nearest last or first.
  [[nodiscard]] std::vector<PlacedLine> Neighbours(bool below,
                                                   size_t most) const {
    std::map<std::string, int> counts;
    for (const SourceLine& line : script_) ++counts[Squeezed(line.text)];
    std::vector<PlacedLine> found;
    size_t i = below ? place_.lines.back() + 1 : place_.lines.front();
    while (found.size() < most && (below ? i < script_.size() : i > 0)) {
      const std::string_view text = script_[below ? i++ : --i].text;
      if (IsBlank(text)) continue;
      found.push_back(Place(text));
      found.back().unique = counts[found.back().text] == 1;
    }
    if (!below) std::reverse(found.begin(), found.end());
    return found;
  }

  static PlacedLine Place(std::string_view text) {
    return {Squeezed(text), IndentWidth(text), false};
  }

  // The script's filled lines from `from` on.
  [[nodiscard]] std::vector<PlacedLine> Filled(size_t from) const {
    std::vector<PlacedLine> lines;
    for (size_t i = from; i < script_.size(); ++i) {
      const std::string_view text = script_[i].text;
      if (!IsBlank(text)) lines.push_back(Place(text));
    }
    return lines;
  }

  // New functions that are put before another one.
  [[nodiscard]] bool IsBetweenDefinitions(
      const Splice& splice, const std::vector<PlacedLine>& added) const {
    if (splice.begin != splice.end) return false;
    const std::vector<PlacedLine> below = Filled(splice.end);
    return !below.empty() && IsDefinition(below.front()) &&
           IsNewDefinitions(added, below.front().indent, Filled(0));
  }

  [[nodiscard]] std::string WhyCut(const std::vector<Splice>& splices) const {
    if (splices.empty()) return {};
    const auto added = [](const Splice& splice) {
      std::vector<PlacedLine> lines;
      for (const std::string& text : splice.text) {
        if (!IsBlank(text)) lines.push_back(Place(text));
      }
      return lines;
    };
    const Splice& last = splices.back();
    if (last.end > place_.lines.back() && !last.text.empty()) {
      const std::vector<PlacedLine> lines = added(last);
      if (!IsBetweenDefinitions(last, lines) &&
          RepeatsWhatFollows(lines,
                             Neighbours(true, lines.size() + kCutReach))) {
        return "its SEARCH part seems cut: its last new lines repeat or "
               "override what follows the quoted lines in the script; quote "
               "all lines that it replaces";
      }
    }
    const Splice& first = splices.front();
    if (first.begin <= place_.lines.front() && !first.text.empty()) {
      const std::vector<PlacedLine> lines = added(first);
      if (!IsBetweenDefinitions(first, lines) &&
          RepeatsWhatPrecedes(lines,
                              Neighbours(false, lines.size() + kCutReach))) {
        return "its SEARCH part seems cut: its first new lines repeat or "
               "override what stands before the quoted lines in the script; "
               "quote all lines that it replaces";
      }
    }
    return {};
  }

  const Lines& script_;
  const std::vector<bool>& in_string_;
  const Lines& quoted_;
  const Lines& wanted_;
  const EditPlace& place_;
  IndentMap indents_;
  bool first_line_shorn_ = false;
  std::vector<WantedLine> lines_;  // one for every line of wanted_
};

std::string_view LineEnd(const Lines& script) {
  const bool windows = !script.empty() && script.front().end == "\r\n";
  return windows ? "\r\n" : "\n";
}

// A script without a last line end stays without, except where its last line
// would vanish with it.
void TakeLastLineEnd(const Lines& script, std::string_view line_end,
                     std::string& result) {
  if (script.empty() || script.back().end.ends_with('\n')) return;
  const size_t size = script.back().end.empty() ? line_end.size() : 1;
  if (result.size() <= size) return;
  const std::string_view rest(result.data(), result.size() - size);
  if (!rest.ends_with('\n')) result.resize(rest.size());
}

// That `result` differs from `script` by the splices alone.
bool NothingElseChanged(const Lines& script, const Lines& result,
                        const std::vector<Splice>& splices) {
  size_t at = 0;  // in result
  size_t line = 0;
  const auto same_up_to = [&](size_t end) {
    for (; line < end; ++line, ++at) {
      if (at >= result.size() || result[at].text != script[line].text) {
        return false;
      }
      const bool last = line + 1 == script.size() || at + 1 == result.size();
      if (!last && result[at].end != script[line].end) return false;
    }
    return true;
  };
  for (const Splice& splice : splices) {
    if (!same_up_to(splice.begin)) return false;
    for (const std::string& text : splice.text) {
      if (at >= result.size() || result[at++].text != text) return false;
    }
    line = splice.end;
  }
  return same_up_to(script.size()) && at == result.size();
}

}  // namespace

Alignment Align(const Lines& script, const std::vector<bool>& in_string,
                const Lines& quoted, const Lines& wanted,
                const EditPlace& place) {
  return Aligner(script, in_string, quoted, wanted, place).Run();
}

std::optional<size_t> SortSplices(std::vector<Splice>& splices) {
  std::stable_sort(
      splices.begin(), splices.end(), [](const Splice& a, const Splice& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
      });
  for (size_t i = 1; i < splices.size(); ++i) {
    const Splice& before = splices[i - 1];
    if (splices[i].begin < before.end || splices[i].begin == before.begin) {
      return splices[i].edit;
    }
  }
  return std::nullopt;
}

std::string Spliced(const Lines& script, const std::vector<Splice>& splices) {
  const std::string_view line_end = LineEnd(script);
  std::string result;
  size_t line = 0;
  const auto copy_up_to = [&](size_t end) {
    for (; line < end; ++line) {
      const std::string_view its_end = script[line].end;
      result += script[line].text;
      result += its_end;
      if (!its_end.ends_with('\n')) result += its_end.empty() ? line_end : "\n";
    }
  };
  for (const Splice& splice : splices) {
    copy_up_to(splice.begin);
    for (const std::string& text : splice.text) {
      result += text;
      result += line_end;
    }
    line = splice.end;
  }
  copy_up_to(script.size());
  TakeLastLineEnd(script, line_end, result);
  CHECK(NothingElseChanged(script, SourceLines(result), splices));
  return result;
}

}  // namespace treesmith

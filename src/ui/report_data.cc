#include <algorithm>
#include <string_view>

#include "operators/llm/profile_text.h"
#include "ui/html.h"
#include "ui/report_parts.h"

namespace treesmith {

std::string ReportData(const RunFacts& facts) {
  if (!facts.profile) return "";
  constexpr std::string_view kBullet = "- ";
  const std::string text = ProfileText(*facts.profile);
  std::string list;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.starts_with(kBullet)) line.remove_prefix(kBullet.size());
    list += "<li>" + EscapeHtml(line) + "</li>\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return ReportSection("data", "What the data is like",
                       "<ul>\n" + list + "</ul>");
}

}  // namespace treesmith

// Prices of hosted models, as their vendors published them on one date.
//
// Only exact names are known: a price of a similar name would be a guess, and
// unknown is not zero. `[models.NAME]` overrides it.
#pragma once

#include <optional>
#include <string_view>

#include "llm/wire_client.h"

namespace treesmith {

// The day on which the table was last compared with the vendors' lists.
std::string_view PriceTableDate();

// A date or `-latest` behind the name is ignored ("claude-haiku-4-5-20251001"),
// a vendor before it too ("openai/gpt-5").
std::optional<Prices> FindPrices(std::string_view model);

}  // namespace treesmith

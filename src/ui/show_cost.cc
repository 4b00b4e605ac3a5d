#include <fmt/format.h>

#include <map>
#include <tuple>

#include "ui/run_facts.h"
#include "ui/show.h"
#include "ui/tree_text.h"

namespace treesmith {
namespace {

struct Bill {
  Usage usage;
  int64_t calls = 0;
  int64_t failed = 0;
  int64_t cached = 0;  // answered without a call

  void Add(const CallEnded& call) {
    usage += call.usage;
    ++(call.cached ? cached : calls);
    if (!call.error.empty()) ++failed;
  }
};

// Calls that were sent and whose end nobody saw: the process died meanwhile.
struct Lost {
  int64_t calls = 0;
  int64_t tokens = 0;
  std::optional<double> usd = 0.0;
};

struct Bills {
  std::map<std::string, Bill> by_purpose;
  std::map<std::string, Bill> by_model;
  std::map<StepId, Bill> by_step;
  Bill total;
  Lost lost;
};

using CallKey = std::tuple<StepId, std::string, std::string, int, Hash128>;

template <typename Call>
CallKey KeyOf(const Call& call) {
  return {call.step, call.purpose, call.model, call.attempt, call.request};
}

Bills BillsOf(const RunRecord& record) {
  Bills bills;
  std::multimap<CallKey, CallStarted> open;
  for (const Event& event : record.events) {
    if (const auto* start = std::get_if<CallStarted>(&event.body)) {
      open.emplace(KeyOf(*start), *start);
    } else if (const auto* call = std::get_if<CallEnded>(&event.body)) {
      bills.by_purpose[call->purpose].Add(*call);
      bills.by_model[call->model].Add(*call);
      bills.by_step[call->step].Add(*call);
      bills.total.Add(*call);
      const auto found = open.find(KeyOf(*call));
      if (found != open.end()) open.erase(found);
    }
  }
  for (const auto& [key, start] : open) {
    ++bills.lost.calls;
    bills.lost.tokens += start.reserved_tokens;
    if (bills.lost.usd && start.reserved_usd) {
      *bills.lost.usd += *start.reserved_usd;
    } else {
      bills.lost.usd.reset();
    }
  }
  return bills;
}

std::string Row(std::string_view name, const Bill& bill) {
  return fmt::format(
      "{:<24} {:>6} {:>6} {:>10} {:>10} {:>10} {:>10} {:>9} {:>10}\n",
      Harmless(name), bill.calls, bill.failed, bill.usage.tokens_in,
      bill.usage.tokens_cached, bill.usage.tokens_out,
      bill.usage.tokens_reasoning, FormatDuration(bill.usage.time),
      FormatCost(bill.usage.cost_usd));
}

std::string Heading(std::string_view name) {
  return fmt::format(
      "{:<24} {:>6} {:>6} {:>10} {:>10} {:>10} {:>10} {:>9} {:>10}\n", name,
      "calls", "failed", "tokens in", "cached", "tokens out", "reasoning",
      "time", "cost");
}

}  // namespace

std::string ShowCost(const RunRecord& record) {
  const Bills bills = BillsOf(record);
  if (bills.total.calls + bills.total.cached == 0 && bills.lost.calls == 0) {
    return "no model was asked: nothing was spent\n";
  }
  std::map<StepId, NodeId> nodes;
  for (const Node* node : NodesOf(record.state->tree())) {
    nodes[node->step] = node->id;
  }
  std::string text = Heading("operator");
  for (const auto& [purpose, bill] : bills.by_purpose) {
    text += Row(purpose, bill);
  }
  text += Row("all", bills.total) + '\n' + Heading("model");
  for (const auto& [model, bill] : bills.by_model) text += Row(model, bill);
  text += '\n' + Heading("node");
  for (const auto& [step, bill] : bills.by_step) {
    const auto node = nodes.find(step);
    text += Row(node != nodes.end()
                    ? "node " + std::to_string(node->second.value)
                    : "step " + std::to_string(step.value) + ", not ended",
                bill);
  }
  if (bills.total.cached > 0) {
    text += fmt::format(
        "\nanswers from the cache (--cache): {}; nothing was asked or spent "
        "for "
        "them\n",
        bills.total.cached);
  }
  if (bills.lost.calls > 0) {
    text += fmt::format(
        "\n{} calls were sent and their end was not seen; booked as reserved: "
        "{} tokens, cost {}\n",
        bills.lost.calls, bills.lost.tokens, FormatCost(bills.lost.usd));
  }
  return text;
}

}  // namespace treesmith

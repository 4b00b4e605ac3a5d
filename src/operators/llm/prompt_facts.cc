#include "operators/llm/prompt_facts.h"

namespace treesmith {

PromptFacts MakePromptFacts(const Task& task, const Profile& profile,
                            const Metric& metric, const FoldPlan& plan) {
  PromptFacts facts;
  facts.task = task;
  facts.profile = profile;
  facts.metric = metric.short_name();
  facts.formula = std::string(metric.formula());
  facts.direction = metric.direction();
  facts.needs = metric.needs();
  facts.split = plan.kind;
  facts.split_column = plan.column;
  facts.split_reason = plan.reason;
  facts.folds = plan.folds;
  facts.repeats = plan.repeats;
  return facts;
}

}  // namespace treesmith

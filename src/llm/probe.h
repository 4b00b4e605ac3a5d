// Probe: one model asked one small question, to tell what works.
//
// For `treesmith doctor --model M`: at most three requests of some tens of
// tokens each.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "llm/http_transport.h"
#include "llm/model_registry.h"

namespace treesmith {

struct ProbeLine {
  std::string what;  // "answers", "streaming", "JSON schema", ...
  bool works = false;
  std::string detail;
};

// The first line is "answers"; when it does not work its detail tells why, and
// nothing else is tried. What a model rejects is dropped as in a run, and told.
std::vector<ProbeLine> Probe(const ModelConfig& config,
                             HttpTransport& transport, Clock& clock,
                             std::stop_token stop);

}  // namespace treesmith

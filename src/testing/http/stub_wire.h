// How StubLlmServer reads requests and writes answers in each dialect.
#pragma once

#include <string>
#include <vector>

#include "testing/http/stub_llm_server.h"

namespace treesmith {

struct StubPayload {
  std::string content_type;
  // Pieces of the body, one a network write; for a stream one an event.
  std::vector<std::string> pieces;
  bool chunked = false;
};

// Fills in dialect, stream and what the request wants from path and body.
// False for a path that no dialect has.
bool ReadStubRequest(StubRequest& request);
StubPayload WriteStubAnswer(const StubRequest& request,
                            const StubAnswer& answer);
StubPayload WriteStubError(const StubRequest& request,
                           const StubAnswer& answer);

}  // namespace treesmith

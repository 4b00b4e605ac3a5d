// A corpus of edits as models word them, with what each of them means.
//
// Made from real scripts by a fixed stream of chance: the same on every
// machine. Every kind of carelessness that was seen in models' answers is a
// kind here, and some that were not.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace treesmith {

struct EditCase {
  std::string kind;  // "dedented", "answer cut" ...
  std::string script;
  std::string answer;  // what the model sends
  // The script that the model means; a cut or ambiguous answer means one too.
  std::string wanted;
};

// `per_kind` cases of each kind, over all scripts in turn; fewer of a kind for
// which the scripts have no place.
std::vector<EditCase> MakeEditCases(const std::vector<std::string>& scripts,
                                    size_t per_kind);

enum class EditVerdict { kRight, kWrong, kRefused };

struct JudgedEdit {
  EditVerdict verdict = EditVerdict::kRefused;
  std::string reason;  // of a refusal
  std::string result;  // of an application
};

// Reads, applies and checks the case's answer as the coder does.
JudgedEdit Judge(const EditCase& edit);

}  // namespace treesmith

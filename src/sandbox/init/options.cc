#include "sandbox/init/options.h"

#include <cstdlib>
#include <cstring>

namespace treesmith::init {
namespace {

// The value of "NAME=VALUE" if the argument has that name.
const char* ValueOf(const char* argument, const char* name) {
  const size_t length = strlen(name);
  if (strncmp(argument, name, length) != 0 || argument[length] != '=') {
    return nullptr;
  }
  return argument + length + 1;
}

void ParseCpus(const char* list, Options* options) {
  CPU_ZERO(&options->cpus);
  options->pin = true;
  while (*list != '\0') {
    char* rest = nullptr;
    const long cpu = strtol(list, &rest, 10);
    if (rest == list) return;
    if (cpu >= 0 && cpu < CPU_SETSIZE) CPU_SET(cpu, &options->cpus);
    list = *rest == ',' ? rest + 1 : rest;
  }
}

bool ParseNumber(const char* argument, Options* options) {
  struct Row {
    const char* name;
    int64_t* value;
  };
  const Row rows[] = {{"address-space", &options->address_space},
                      {"file-size", &options->file_size},
                      {"user-processes", &options->user_processes},
                      {"watched-memory", &options->watched_memory},
                      {"watched-threads", &options->watched_threads}};
  for (const Row& row : rows) {
    const char* value = ValueOf(argument, row.name);
    if (value == nullptr) continue;
    *row.value = strtoll(value, nullptr, 10);
    return true;
  }
  return false;
}

bool ParseOne(const char* argument, Options* options) {
  if (const char* value = ValueOf(argument, "join")) {
    if (options->join_count == Options::kMaxJoins) return false;
    options->joins[options->join_count++] =
        static_cast<int>(strtol(value, nullptr, 10));
    return true;
  }
  if (const char* value = ValueOf(argument, "folder")) {
    if (options->folder_count == Options::kMaxFolders) return false;
    options->folders[options->folder_count++] = value;
    return true;
  }
  if (const char* value = ValueOf(argument, "chdir")) {
    options->directory = value;
    return true;
  }
  if (const char* value = ValueOf(argument, "cpus")) {
    ParseCpus(value, options);
    return true;
  }
  if (const char* value = ValueOf(argument, "namespace")) {
    options->own_namespace = strcmp(value, "no") != 0;
    return true;
  }
  return ParseNumber(argument, options);
}

}  // namespace

int ParseOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "--") == 0) return i + 1 < argc ? i + 1 : 0;
    if (!ParseOne(argv[i], options)) return 0;
  }
  return 0;
}

}  // namespace treesmith::init

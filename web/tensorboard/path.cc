#include "web/tensorboard/path.h"

namespace spirogram::web::tensorboard {
namespace {

bool ConsumePrefix(std::string_view prefix, std::string_view* text) {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::optional<Path> ParsePath(std::string_view path) {
  Path parsed;
  if (ConsumePrefix("/experiment/", &path)) {
    parsed.experiment = path.substr(0, path.find('/'));
    path.remove_prefix(parsed.experiment.size());
  }
  if (!ConsumePrefix("/data/", &path)) return std::nullopt;
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  parsed.route = path;
  return parsed;
}

}  // namespace spirogram::web::tensorboard

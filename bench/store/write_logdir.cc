// Makes a log directory to measure with, and prints what it holds as one line of JSON. The names
// are those of LogdirShape.
#include <charconv>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>

#include "bench/store/logdir_generator.h"

namespace spirogram::bench {
namespace {

constexpr char kUsage[] =
    "usage: write_logdir FOLDER [NAME=NUMBER ...]\n"
    "NAME: runs, steps, scalar_tags, style (0 simple_value, 1 tensor, 2 float64), histogram_tags,\n"
    "      histogram_buckets, image_tags, image_bytes, seed\n"
    "example: write_logdir /tmp/logs runs=200 scalar_tags=50 steps=2000\n";

bool Set(std::string_view argument, LogdirShape* shape) {
  int64_t seed = static_cast<int64_t>(shape->seed);
  int64_t style = static_cast<int64_t>(shape->scalar_style);
  const std::map<std::string_view, int64_t*> fields = {
      {"runs", &shape->runs},
      {"steps", &shape->steps},
      {"scalar_tags", &shape->scalar_tags},
      {"style", &style},
      {"histogram_tags", &shape->histogram_tags},
      {"histogram_buckets", &shape->histogram_buckets},
      {"image_tags", &shape->image_tags},
      {"image_bytes", &shape->image_bytes},
      {"seed", &seed},
  };
  const size_t equals = argument.find('=');
  const auto field = fields.find(argument.substr(0, equals));
  if (equals == std::string_view::npos || field == fields.end()) return false;
  const std::string_view text = argument.substr(equals + 1);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), *field->second);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return false;
  if (*field->second < 0 || style > 2) return false;
  shape->seed = static_cast<uint64_t>(seed);
  shape->scalar_style = static_cast<ScalarStyle>(style);
  return true;
}

int Main(int argc, char** argv) {
  const std::string_view folder = argc < 2 ? "" : argv[1];
  if (folder == "--help" || folder == "-h") {
    std::fputs(kUsage, stdout);
    return 0;
  }
  if (folder.empty() || folder.front() == '-') {
    std::fputs(kUsage, stderr);
    return 2;
  }
  LogdirShape shape;
  for (int i = 2; i < argc; ++i) {
    if (Set(argv[i], &shape)) continue;
    std::fprintf(stderr, "write_logdir: %s is not known\n", argv[i]);
    return 2;
  }
  const auto totals = WriteLogdir(shape, argv[1]);
  if (!totals.ok()) {
    std::fprintf(stderr, "write_logdir: %s\n", totals.error().ToString().c_str());
    return 1;
  }
  std::printf("{\"records\":%lld,\"bytes\":%llu}\n", static_cast<long long>(totals->records),
              static_cast<unsigned long long>(totals->bytes));
  return 0;
}

}  // namespace
}  // namespace spirogram::bench

int main(int argc, char** argv) {
  return spirogram::bench::Main(argc, argv);
}

// Runs a fuzz target without libFuzzer, so that every compiler's build tests it:
//   TARGET CORPUS_FOLDER [RUNS [SEED]]
// Gives it each file of the folder as it is, then RUNS mutations of them. An input depends only on
// the files, SEED and its number, so a failure repeats. The target runs in a child process; when
// that dies or takes too long for an input, the input is written to ./crash-NUMBER and named.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace spirogram {
namespace {

constexpr size_t kInputBytesMax = 8192;
constexpr unsigned kSecondsMax = 60;  // for one input, on a busy machine under a sanitizer

using Random = std::mt19937_64;

size_t Below(size_t end, Random* random) {
  return end == 0 ? 0 : static_cast<size_t>((*random)() % end);
}

// Numbers that sizes and counts break at.
uint64_t Edge(Random* random) {
  constexpr uint64_t kEdges[] = {0,          1,          127,        128,        255,
                                 256,        0x7fff,     0xffff,     1u << 20,   0x7fffffff,
                                 0x80000000, 0xffffffff, 1ull << 40, 1ull << 63, ~0ull};
  return kEdges[Below(std::size(kEdges), random)];
}

void MutateOnce(const std::vector<std::string>& corpus, Random* random, std::string* input) {
  const size_t at = Below(input->size() + 1, random);
  const size_t count = std::min(input->size() - at, 1 + Below(16, random));
  switch (Below(8, random)) {
    case 0:
      if (at < input->size())
        (*input)[at] = static_cast<char>((*input)[at] ^ (1 << Below(8, random)));
      break;
    case 1:
      if (at < input->size()) (*input)[at] = static_cast<char>((*random)());
      break;
    case 2:
      input->erase(at, count);
      break;
    case 3:
      input->insert(at, input->substr(at, count));
      break;
    case 4: {
      const uint64_t edge = Edge(random);
      const size_t width = size_t{1} << Below(4, random);
      input->replace(at, std::min(width, input->size() - at), reinterpret_cast<const char*>(&edge),
                     width);
      break;
    }
    case 5: {
      std::string varint;
      for (uint64_t edge = Edge(random);; edge >>= 7) {
        varint.push_back(static_cast<char>((edge & 0x7f) | (edge > 0x7f ? 0x80 : 0)));
        if (edge <= 0x7f) break;
      }
      input->replace(at, std::min<size_t>(1, input->size() - at), varint);
      break;
    }
    case 6: {
      const std::string& other = corpus[Below(corpus.size(), random)];
      const size_t from = Below(other.size(), random);
      input->insert(at, other, from, 1 + Below(64, random));
      break;
    }
    default:
      input->resize(at);
  }
}

std::string MakeInput(const std::vector<std::string>& corpus, uint64_t seed, uint64_t number) {
  if (number < corpus.size()) return corpus[number];
  Random random(seed * 0x9e3779b97f4a7c15 + number);
  std::string input = corpus[Below(corpus.size(), &random)];
  for (size_t mutations = 1 + Below(6, &random); mutations > 0; --mutations) {
    MutateOnce(corpus, &random, &input);
  }
  input.resize(std::min(input.size(), kInputBytesMax));
  return input;
}

std::vector<std::string> ReadCorpus(const std::string& folder) {
  std::vector<std::string> corpus;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) corpus.push_back(ReadFile(path, 1 << 20).value());
  return corpus;
}

// Where the child says which input it is at.
uint64_t* MapNumber() {
  void* memory =
      mmap(nullptr, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  return static_cast<uint64_t*>(memory);
}

int Run(const std::vector<std::string>& corpus, uint64_t runs, uint64_t seed) {
  const uint64_t end = corpus.size() + runs;
  uint64_t* number = MapNumber();
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    for (; *number < end; ++*number) {
      const std::string input = MakeInput(corpus, seed, *number);
      alarm(kSecondsMax);
      LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
    }
    std::exit(0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && *number == end) {
    std::printf("%zu inputs of the corpus and %llu mutations: no fault\n", corpus.size(),
                static_cast<unsigned long long>(runs));
    return 0;
  }
  const std::string path = "crash-" + std::to_string(*number);
  CHECK(WriteFileAtomically(path, MakeInput(corpus, seed, *number)).ok());
  std::fprintf(stderr, "input %llu of seed %llu ended the target (status %d): it is in %s\n",
               static_cast<unsigned long long>(*number), static_cast<unsigned long long>(seed),
               status, path.c_str());
  return 1;
}

}  // namespace
}  // namespace spirogram

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER [RUNS [SEED]]\n", argv[0]);
    return 2;
  }
  const auto corpus = spirogram::ReadCorpus(argv[1]);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s holds no files\n", argv[1]);
    return 2;
  }
  const uint64_t runs = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000;
  const uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  return spirogram::Run(corpus, runs, seed);
}

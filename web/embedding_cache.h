// The last embedding that was read. Looking at neighbours asks for the same matrix click after
// click, and reading it anew each time would cost far more than the search.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "store/store.h"

namespace spirogram::web {

// Thread-safe.
class EmbeddingCache {
 public:
  explicit EmbeddingCache(store::Store& store) : store_(store) {}

  // What is kept serves while the store holds the same checkpoint: files that a projector config
  // names are written anew at the same step.
  Result<std::shared_ptr<const store::Embedding>> Read(store::RunId run, const std::string& tag,
                                                       Step step);

 private:
  store::Store& store_;
  std::mutex mutex_;  // guards all below
  store::RunId run_ = 0;
  std::string tag_;
  Step step_ = 0;
  std::shared_ptr<const store::Embedding> embedding_;
};

}  // namespace spirogram::web

#include "web/embedding_cache.h"

#include <utility>

namespace spirogram::web {

Result<std::shared_ptr<const store::Embedding>> EmbeddingCache::Read(store::RunId run,
                                                                     const std::string& tag,
                                                                     Step step) {
  {
    std::lock_guard lock(mutex_);
    if (embedding_ && run_ == run && tag_ == tag && step_ == step) return embedding_;
  }
  ASSIGN_OR_RETURN(store::Embedding read, store_.ReadEmbedding(run, tag, step));
  auto embedding = std::make_shared<const store::Embedding>(std::move(read));
  std::lock_guard lock(mutex_);
  run_ = run;
  tag_ = tag;
  step_ = step;
  embedding_ = embedding;
  return embedding;
}

}  // namespace spirogram::web

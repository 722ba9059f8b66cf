#include "web/embedding_cache.h"

#include <algorithm>
#include <utility>

namespace spirogram::web {

Result<std::shared_ptr<const store::Embedding>> EmbeddingCache::Read(store::RunId run,
                                                                     const std::string& tag,
                                                                     Step step) {
  ASSIGN_OR_RETURN(const auto checkpoints, store_.ReadEmbeddings(run, tag));
  {
    std::lock_guard lock(mutex_);
    const auto newest =
        std::find_if(checkpoints.rbegin(), checkpoints.rend(),
                     [step](const store::EmbeddingInfo& info) { return info.step == step; });
    const bool is_same = embedding_ && run_ == run && tag_ == tag && step_ == step &&
                         newest != checkpoints.rend() &&
                         newest->wall_time == embedding_->info.wall_time;
    if (is_same) return embedding_;
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

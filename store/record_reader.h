// Reads of everything in the table `records`: histograms, texts, images, embeddings, entity
// statistics. REQUIRES, for all: a read transaction is open.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

Result<std::vector<Histogram>> SelectHistograms(Database& database, RunId run,
                                                const std::string& tag, int steps_max, Step from);
Result<std::vector<ValueInfo>> SelectValueInfos(Database& database, RunId run,
                                                const std::string& tag, DataKind kind, Step from);
Result<std::vector<Text>> SelectTexts(Database& database, RunId run, const std::string& tag,
                                      Step from, Step to);
Result<std::vector<ImageInfo>> SelectImages(Database& database, RunId run, const std::string& tag,
                                            Step from);
Result<std::string> SelectImageBytes(Database& database, RunId run, const std::string& tag,
                                     Step step, int index, int repeat);
Result<std::vector<EmbeddingInfo>> SelectEmbeddings(Database& database, RunId run,
                                                    const std::string& tag);
Result<Embedding> SelectEmbedding(Database& database, RunId run, const std::string& tag, Step step);
Result<EmbeddingMetadata> SelectEmbeddingMetadata(Database& database, RunId run,
                                                  const std::string& tag);
Result<std::vector<EntityStats>> SelectEntityStats(Database& database, RunId run,
                                                   const std::string& tag, Step after_step);

}  // namespace spirogram::store

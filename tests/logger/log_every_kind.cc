// Logs one of every kind into the folder given, for tensorboard_reads_logger.py.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "logger/logger.h"

int main(int argc, char** argv) {
  using namespace spirogram::logger;
  if (argc != 2) return 2;
  const auto logger = Logger::Open({.run_dir = std::string(argv[1])});
  logger->Hparams({{"learning_rate", 0.1},
                   {"optimizer", std::string("adam")},
                   {"nesterov", true},
                   {"weight_decay", std::numeric_limits<double>::quiet_NaN()}});
  for (int64_t step = 0; step < 10; ++step) {
    logger->Scalar("loss/train", step, 1.0 / static_cast<double>(step + 1));
  }
  logger->Scalar("not_finite", 0, std::numeric_limits<double>::quiet_NaN());
  logger->Scalar("not_finite", 1, std::numeric_limits<double>::infinity());
  logger->Scalar("Verlust/\xF0\x9F\xAB\x81", 0, 0.5);

  std::vector<float> values;
  for (int i = -500; i <= 500; ++i) values.push_back(static_cast<float>(i) / 100.0f);
  values.push_back(std::nanf(""));
  logger->Histogram("weights", 3, values);
  logger->Histogram("empty", 3, {});
  logger->Text("note", 4, "# h\xC3\xA9llo");

  std::vector<uint8_t> pixels;  // pixel (x, y) of channel c is 10x + 20y + 50c
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 4; ++x) {
      for (int c = 0; c < 3; ++c) pixels.push_back(static_cast<uint8_t>(10 * x + 20 * y + 50 * c));
    }
  }
  logger->Image("sample", 5, pixels, 4, 3, 3);

  const std::vector<float> table = {0.1f, 0.2f, -0.3f, 0.4f, 0.5f, -0.6f};
  const EmbeddingMetadata metadata{{"city", "new"}, {{"Oslo", "Lima\tx", "Bern"}, {"0", "1", "0"}}};
  logger->Embedding("embeddings/item", 6, table, 3, 2, &metadata);
  logger->Embedding("zeros", 6, std::vector<float>(4), 2, 2, nullptr);
  EntityStats stats;
  stats.columns = {"active_count"};
  stats.values = {{1, 2, 3}};
  logger->Stats("layers/hidden_1/units", 7, stats);
  ProfileSlice slice;
  slice.name = "forward";
  slice.start_ns = 1'000;
  slice.duration_ns = 10;
  slice.step = 8;
  logger->Profile({slice});
  logger->ProfileNote("no GPU slices: libcuda.so.1 is not installed");
  logger->End(EndStatus::kSuccess);
}

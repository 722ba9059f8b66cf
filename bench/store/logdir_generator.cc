#include "bench/store/logdir_generator.h"

#include <cmath>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/record.h"
#include "base/str.h"
#include "base/types.h"
#include "bench/store/random.h"
#include "proto/event.pb.h"

namespace spirogram::bench {
namespace {

constexpr WallTime kStart = 1'760'000'000;
constexpr double kStepSeconds = 5e-3;
constexpr double kTagSeconds = 2e-5;
constexpr double kMicrosecond = 1e-6;
constexpr size_t kWriteBytes = size_t{4} << 20;

std::string Padded(int64_t number, size_t width) {
  std::string digits = StrCat(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

// 11 to 20 characters, as tags are: with them a record has the 53 to 62 bytes of the field's.
std::vector<std::string> MakeTags(std::string_view kind, int64_t count) {
  constexpr std::string_view kNames[] = {"loss", "accuracy", "lr", "grad_norm", "throughput"};
  std::vector<std::string> tags;
  for (int64_t i = 0; i < count; ++i) {
    tags.push_back(
        StrCat(kind, "/", kNames[static_cast<size_t>(i) % std::size(kNames)], "_", Padded(i, 2)));
  }
  return tags;
}

class RunWriter {
 public:
  RunWriter(const LogdirShape& shape, AppendFile file, uint64_t seed)
      : shape_(shape),
        file_(std::move(file)),
        random_(seed),
        scalar_tags_(MakeTags("train", shape.scalar_tags)),
        histogram_tags_(MakeTags("layers", shape.histogram_tags)),
        image_tags_(MakeTags("samples", shape.image_tags)) {}

  Status WriteAll(LogdirTotals* totals) {
    event_.set_wall_time(kStart);
    event_.set_file_version("brain.Event:2");
    Append();
    for (int64_t step = 0; step < shape_.steps; ++step) {
      RETURN_IF_ERROR(WriteStep(step));
    }
    RETURN_IF_ERROR(Flush());
    totals->records += records_;
    totals->bytes += bytes_;
    return {};
  }

 private:
  Status WriteStep(int64_t step) {
    step_time_ += kStepSeconds * (1 + 0.1 * random_.NextSigned());
    time_ = step_time_;
    for (const std::string& tag : scalar_tags_) {
      AddScalar(NewValue(tag, step));
      Append();
    }
    for (const std::string& tag : histogram_tags_) {
      AddHistogram(NewValue(tag, step)->mutable_histo());
      Append();
    }
    for (const std::string& tag : image_tags_) {
      AddImage(NewValue(tag, step)->mutable_image());
      Append();
      if (records_bytes_.size() >= kWriteBytes) RETURN_IF_ERROR(Flush());
    }
    return records_bytes_.size() >= kWriteBytes ? Flush() : Status();
  }

  proto::Summary::Value* NewValue(const std::string& tag, int64_t step) {
    time_ += kTagSeconds * (1 + 0.5 * random_.NextSigned());
    event_.set_wall_time(kStart + std::floor(time_ / kMicrosecond) * kMicrosecond);
    event_.set_step(step);
    event_.clear_what();
    proto::Summary::Value* value = event_.mutable_summary()->add_value();
    value->set_tag(tag);
    return value;
  }

  void AddScalar(proto::Summary::Value* value) {
    const double number = 1 / (1 + 1e-3 * step_time_) + 0.05 * random_.NextSigned();
    if (shape_.scalar_style == ScalarStyle::kSimpleValue) {
      value->set_simple_value(static_cast<float>(number));
      return;
    }
    value->mutable_metadata()->mutable_plugin_data()->set_plugin_name("scalars");
    value->mutable_metadata()->set_data_class(proto::DATA_CLASS_SCALAR);
    proto::Tensor* tensor = value->mutable_tensor();
    tensor->mutable_tensor_shape();
    if (shape_.scalar_style == ScalarStyle::kTensor) {
      tensor->set_dtype(proto::DT_FLOAT);
      tensor->add_float_val(static_cast<float>(number));
    } else {
      tensor->set_dtype(proto::DT_DOUBLE);
      tensor->add_double_val(number);
    }
  }

  void AddHistogram(proto::HistogramProto* histogram) {
    histogram->set_min(-1);
    histogram->set_max(1);
    const auto buckets = static_cast<double>(shape_.histogram_buckets);
    double sum = 0;
    for (int64_t i = 0; i < shape_.histogram_buckets; ++i) {
      const double edge = 2 * static_cast<double>(i + 1) / buckets - 1;
      const double count =
          std::floor(1000 * std::exp(-4 * edge * edge) + 50 * (1 + random_.NextSigned()));
      histogram->add_bucket_limit(edge);
      histogram->add_bucket(count);
      sum += count;
    }
    histogram->set_num(sum);
  }

  // Noise behind a PNG's first bytes: as incompressible as a photograph. Nobody here decodes it.
  void AddImage(proto::Summary::Image* image) {
    image->set_width(256);
    image->set_height(256);
    image->set_colorspace(3);
    std::string* bytes = image->mutable_encoded_image_string();
    *bytes = "\x89PNG\r\n\x1a\n";
    bytes->resize(static_cast<size_t>(shape_.image_bytes));
    for (size_t at = 8; at + 8 <= bytes->size(); at += 8) {
      const uint64_t noise = random_.Next();
      bytes->replace(at, 8, reinterpret_cast<const char*>(&noise), 8);
    }
  }

  void Append() {
    event_.SerializeToString(&serialized_);
    AppendRecord(serialized_, &records_bytes_);
    ++records_;
  }

  Status Flush() {
    RETURN_IF_ERROR(file_.Append(records_bytes_));
    bytes_ += records_bytes_.size();
    records_bytes_.clear();
    return {};
  }

  const LogdirShape& shape_;
  AppendFile file_;
  Random random_;
  const std::vector<std::string> scalar_tags_;
  const std::vector<std::string> histogram_tags_;
  const std::vector<std::string> image_tags_;
  double step_time_ = 0;  // since kStart
  double time_ = 0;
  proto::Event event_;
  std::string serialized_;
  std::string records_bytes_;
  int64_t records_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace

Result<LogdirTotals> WriteLogdir(const LogdirShape& shape, const std::string& folder) {
  LogdirTotals totals;
  for (int64_t run = 0; run < shape.runs; ++run) {
    const std::string path = StrCat(folder, "/run_", Padded(run, 4));
    RETURN_IF_ERROR(MakeFolders(path));
    ASSIGN_OR_RETURN(AppendFile file,
                     AppendFile::Open(StrCat(path, "/events.out.tfevents.1760000000.bench")));
    RunWriter writer(shape, std::move(file), shape.seed + static_cast<uint64_t>(run));
    RETURN_IF_ERROR(writer.WriteAll(&totals));
  }
  return totals;
}

}  // namespace spirogram::bench

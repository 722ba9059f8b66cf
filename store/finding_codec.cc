#include "store/finding_codec.h"

#include <cstdint>
#include <utility>

#include "store/blob_codec.h"
#include "store/byte_io.h"

namespace spirogram::store {
namespace {

constexpr uint8_t kFormat = 1;
constexpr uint64_t kEvidenceBytesMin = 42;  // of one with empty texts and columns

void PutEvidence(const EvidenceSeries& evidence, ByteWriter* writer) {
  writer->PutString(evidence.label);
  writer->PutString(evidence.unit);
  writer->PutVector(evidence.step);
  writer->PutVector(evidence.value);
  writer->Put(static_cast<uint8_t>(evidence.has_threshold));
  writer->Put(evidence.threshold);
  writer->Put(static_cast<uint8_t>(evidence.is_log));
}

EvidenceSeries GetEvidence(ByteReader* reader) {
  EvidenceSeries evidence;
  evidence.label = reader->GetString();
  evidence.unit = reader->GetString();
  evidence.step = reader->GetVector<Step>();
  evidence.value = reader->GetVector<double>();
  evidence.has_threshold = reader->Get<uint8_t>() != 0;
  evidence.threshold = reader->Get<double>();
  evidence.is_log = reader->Get<uint8_t>() != 0;
  return evidence;
}

}  // namespace

std::string EncodeFinding(const Finding& finding) {
  ByteWriter writer;
  writer.Put(kFormat);
  writer.PutString(finding.rule);
  writer.PutString(finding.entity);
  writer.Put(static_cast<uint8_t>(finding.severity));
  writer.Put(static_cast<uint8_t>(finding.is_open));
  for (const Step step : {finding.onset_step, finding.detected_step, finding.closed_step}) {
    writer.Put(step);
  }
  for (const std::string* text :
       {&finding.title, &finding.summary, &finding.cause, &finding.advice}) {
    writer.PutString(*text);
  }
  writer.Put(finding.value);
  writer.Put(finding.threshold);
  writer.Put(finding.affected);
  writer.Put(finding.total);
  writer.PutVector(finding.ids);
  writer.Put(static_cast<uint64_t>(finding.evidence.size()));
  for (const EvidenceSeries& evidence : finding.evidence) PutEvidence(evidence, &writer);
  return PackBlob(writer.bytes(), Compression::kZstd);
}

Result<Finding> DecodeFinding(std::string_view blob) {
  ASSIGN_OR_RETURN(const std::string content, UnpackBlob(blob));
  ByteReader reader(content);
  const auto format = reader.Get<uint8_t>();
  Finding finding;
  finding.rule = reader.GetString();
  finding.entity = reader.GetString();
  const auto severity = reader.Get<uint8_t>();
  finding.is_open = reader.Get<uint8_t>() != 0;
  for (Step* step : {&finding.onset_step, &finding.detected_step, &finding.closed_step}) {
    *step = reader.Get<Step>();
  }
  for (std::string* text : {&finding.title, &finding.summary, &finding.cause, &finding.advice}) {
    *text = reader.GetString();
  }
  finding.value = reader.Get<double>();
  finding.threshold = reader.Get<double>();
  finding.affected = reader.Get<int64_t>();
  finding.total = reader.Get<int64_t>();
  finding.ids = reader.GetVector<int64_t>();
  const uint64_t series = reader.GetCount(kEvidenceBytesMin);
  for (uint64_t i = 0; i < series; ++i) finding.evidence.push_back(GetEvidence(&reader));
  if (!reader.ok() || !reader.is_at_end() || format != kFormat ||
      severity > static_cast<uint8_t>(Severity::kCritical)) {
    return Corruption("stored finding is not what its format promises");
  }
  finding.severity = static_cast<Severity>(severity);
  return finding;
}

}  // namespace spirogram::store

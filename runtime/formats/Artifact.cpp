#include "runtime/formats/Artifact.h"
#include "runtime/base/Crc32.h"
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ph {

static constexpr char magic[8] = {'P', 'H', 'X', 'A', 'R', 'T', '0', '1'};
static constexpr uint32_t version = 2;
static constexpr uint64_t page = 4096;

bool Artifact::isArtifact(const std::string &path) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return false;
  struct stat info;
  char end[sizeof(magic)];
  bool result = fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) &&
                info.st_size >= off_t(sizeof(ArtifactTrailer)) &&
                pread(descriptor, end, sizeof(end), info.st_size - off_t(sizeof(ArtifactTrailer))) == sizeof(end) &&
                std::memcmp(end, magic, sizeof(magic)) == 0;
  close(descriptor);
  return result;
}

Expected<std::shared_ptr<Artifact>> Artifact::open(const std::string &path) {
  auto mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.error();
  auto artifact = parse(mapped->bytes(), path);
  if (artifact)
    (*artifact)->file = std::move(*mapped);
  return artifact;
}

/// Whether the parts follow one another, on their pages, and fill the file up to the trailer.
static bool areBoundsRight(const ArtifactTrailer &trailer, uint64_t fileBytes) {
  uint64_t body = fileBytes - sizeof(ArtifactTrailer);
  return trailer.elfBytes >= 4 && trailer.elfBytes <= body &&
         trailer.metadataOffset == (trailer.elfBytes + page - 1) / page * page && trailer.metadataOffset <= body &&
         trailer.metadataBytes <= body - trailer.metadataOffset && trailer.weightsOffset % page == 0 &&
         trailer.weightsOffset >= trailer.metadataOffset + trailer.metadataBytes && trailer.weightsOffset <= body &&
         trailer.weightsBytes == body - trailer.weightsOffset;
}

Expected<std::shared_ptr<Artifact>> Artifact::parse(std::span<const uint8_t> bytes, const std::string &name) {
  auto broken = [&](const std::string &why) { return Error{ErrorCode::BadModel, name + ": " + why}; };
  auto artifact = std::make_shared<Artifact>();
  ArtifactTrailer &trailer = artifact->trailer;
  if (bytes.size() >= sizeof(trailer))
    std::memcpy(&trailer, bytes.data() + bytes.size() - sizeof(trailer), sizeof(trailer));
  if (std::memcmp(trailer.magic, magic, sizeof(magic)) != 0)
    return broken("not an artifact, or truncated: it does not end with the trailer of one; compile the model again");
  if (trailer.version != version)
    return broken("artifact of version " + std::to_string(trailer.version) + ", but only version " +
                  std::to_string(version) + " is supported; compile the model again");
  if (!areBoundsRight(trailer, bytes.size()))
    return broken("damaged artifact: its parts do not fit in its " + std::to_string(bytes.size()) +
                  " bytes; compile the model again");
  artifact->name = name;
  artifact->elfPart = bytes.subspan(0, trailer.elfBytes);
  artifact->weightsPart = bytes.subspan(trailer.weightsOffset, trailer.weightsBytes);
  if (std::memcmp(bytes.data(), "\177ELF", 4) != 0)
    return broken("damaged artifact: it does not begin with an ELF header; compile the model again");
  if (crc32(artifact->elfPart) != trailer.elfCrc)
    return broken("damaged artifact: the checksum of its kernels is wrong; compile the model again");
  std::span<const uint8_t> metadata = bytes.subspan(trailer.metadataOffset, trailer.metadataBytes);
  if (crc32(metadata) != trailer.metadataCrc)
    return broken("damaged artifact: the checksum of its metadata is wrong; compile the model again");
  auto keys = GgufFile::parse(metadata, name + ": metadata", /*metadataOnly=*/true);
  if (!keys)
    return keys.error();
  artifact->keys = std::move(*keys);
  const GgufValue *manifest = artifact->keys->find(manifestKey);
  if (!manifest || !manifest->isString())
    return broken("damaged artifact: it has no manifest; compile the model again");
  artifact->manifestText = *manifest->asString();
  return artifact;
}

Expected<ArtifactWriter> ArtifactWriter::create(const std::string &path, std::span<const uint8_t> elf, unsigned mode,
                                                std::span<const uint8_t> program) {
  auto file = AtomicFile::create(path, mode);
  if (!file)
    return file.error();
  ArtifactWriter writer(std::move(*file));
  std::memcpy(writer.trailer.magic, magic, sizeof(magic));
  writer.trailer.version = version;
  writer.trailer.elfBytes = elf.size();
  writer.trailer.elfCrc = crc32(elf);
  if (auto e = writer.file.write(program))
    return e.error();
  if (auto e = writer.file.pad(page))
    return e.error();
  writer.begin = writer.file.size();
  if (auto e = writer.file.write(elf))
    return e.error();
  return writer;
}

template <class T> static void append(std::vector<uint8_t> &bytes, T value) {
  auto *begin = reinterpret_cast<const uint8_t *>(&value);
  bytes.insert(bytes.end(), begin, begin + sizeof(T));
}

static void appendString(std::vector<uint8_t> &bytes, std::string_view text) {
  append(bytes, uint64_t(text.size()));
  bytes.insert(bytes.end(), text.begin(), text.end());
}

Status ArtifactWriter::writeMetadata(std::span<const uint8_t> records, uint64_t count, std::string_view manifest) {
  std::vector<uint8_t> section = {'G', 'G', 'U', 'F'};
  append(section, uint32_t(3));
  append(section, uint64_t(0));
  append(section, count + 1);
  section.insert(section.end(), records.begin(), records.end());
  appendString(section, manifestKey);
  append(section, uint32_t(GgufType::String));
  appendString(section, manifest);
  // Reading it back here means that no artifact is written that cannot be opened; a model that has the manifest's key
  // itself fails as a duplicate.
  if (auto check = GgufFile::parse(section, file.path() + ": metadata", /*metadataOnly=*/true); !check)
    return check.error();
  if (auto e = file.pad(page))
    return e;
  trailer.metadataOffset = file.size() - begin;
  trailer.metadataBytes = section.size();
  trailer.metadataCrc = crc32(section);
  if (auto e = file.write(section))
    return e;
  if (auto e = file.pad(page))
    return e;
  trailer.weightsOffset = file.size() - begin;
  return {};
}

Status ArtifactWriter::finish() {
  trailer.weightsBytes = weightsBytes();
  if (auto e = file.write(&trailer, sizeof(trailer)))
    return e;
  return file.commit();
}

} // namespace ph

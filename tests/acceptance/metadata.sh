#!/usr/bin/env bash
# Builds a dossier whose pictures were given all kinds of metadata by other programs, and lets another program look at what
# was published.
#
#   tests/acceptance/metadata.sh
#
# Needs exiftool (Debian: libimage-exiftool-perl) and ImageMagick; says so and ends with 77 when they are not there. DOSSIER names
# a program other than the one that was built last. Prints a line for each thing that was looked at; the last one is PASS or FAIL.
set -uo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

for tool in exiftool convert; do
  command -v "$tool" >/dev/null || { echo "SKIP: there is no $tool"; exit 77; }
done
program=${DOSSIER:-$(ls -t target/release/dossier target/debug/dossier 2>/dev/null | head -n 1)}
[[ -n $program ]] || { cargo build --quiet && program=target/debug/dossier; }
program=$(realpath "$program")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pages=$work/content/pages
mkdir -p "$pages" "$work/static"
failures=0

say() { # say CONDITION WORDS
  if [[ $1 == 0 ]]; then echo "ok    $2"; else echo "FAIL  $2"; failures=$((failures + 1)); fi
}

# Words that stand nowhere else, in all places that have a name.
seeds=(ZeldaQuux Camera9000 ElmStreet12 20190807 SecretTrailer)
tags=(
  -EXIF:Artist=ZeldaQuux -EXIF:Model=Camera9000 -EXIF:SerialNumber=Camera9000 -EXIF:UserComment=ElmStreet12
  -EXIF:GPSLatitude=52.370216 -EXIF:GPSLatitudeRef=N -EXIF:GPSLongitude=4.895168 -EXIF:GPSLongitudeRef=E
  '-EXIF:DateTimeOriginal=2019:08:07 12:00:00'
  -XMP-dc:Creator=ZeldaQuux -XMP-dc:Description=ElmStreet12 -XMP-photoshop:City=ElmStreet12 -XMP-xmp:Label=20190807
)
profile=$(find /usr/share/color/icc -name 'srgb.icc' -print -quit 2>/dev/null)

convert -size 64x48 plasma:tomato-steelblue -quality 85 "$work/source.png"
convert "$work/source.png" -strip "$pages/photo.jpg"
convert "$work/source.png" -strip -interlace JPEG "$pages/progressive.jpg"
convert "$work/source.png" -strip -colorspace CMYK "$pages/four-colours.jpg"
convert "$work/source.png" -strip "$pages/drawing.png"
convert "$work/source.png" -strip -interlace PNG "$pages/interlaced.png"
convert "$work/source.png" -strip -quality 80 "$pages/photo.webp"
convert "$work/source.png" -strip -define webp:lossless=true "$pages/drawing.webp"
convert -size 8x8 xc:white "$work/thumbnail.jpg"

for picture in "$pages"/*; do
  extra=()
  case $picture in
    *.jpg) extra=(-IPTC:By-line=ZeldaQuux -IPTC:City=ElmStreet12 -Comment=ElmStreet12 "-ThumbnailImage<=$work/thumbnail.jpg") ;;
    *.png) extra=(-PNG:Author=ZeldaQuux -PNG:Comment=ElmStreet12 -PNG:CreationTime=20190807) ;;
  esac
  [[ -z $profile || $picture == *four-colours* || $picture == *.webp ]] || extra+=("-ICC_Profile<=$profile")
  exiftool -q -q -overwrite_original "${tags[@]}" "${extra[@]}" "$picture" 2>&1 | grep -v '^Warning'
  # One of three is turned when it is shown.
  case $picture in *photo*) exiftool -q -q -n -overwrite_original -EXIF:Orientation=6 "$picture" ;; esac
  printf 'SecretTrailer' >>"$picture"
done
# A text that is packed, as some programs write it.
convert "$pages/drawing.png" -set Packed "$(printf 'ZeldaQuux %.0s' {1..400})" "$pages/packed.png"
cp "$pages/photo.jpg" "$work/static/photo.jpg"
cp "$pages/photo.jpg" "$pages/named-wrong.png"

{
  printf -- '---\ntitle: Pictures\n---\n'
  for picture in "$pages"/*; do printf '![x](%s)\n' "$(basename "$picture")"; done
} >"$work/pages.md"
mv "$work/pages.md" "$pages/pictures.md"
printf 'title: Pictures\ntheme: plain\n' >"$work/dossier.yaml"

"$program" build --config "$work/dossier.yaml" >"$work/log" 2>&1
say $? 'the dossier is built' || cat "$work/log"

# What is told of a picture without what says how it is made up.
beside_the_picture() {
  grep -v -E '^\[(ExifTool|System|Composite|ICC-header|ICC_Profile|Adobe|JFIF|PNG-pHYs)\]|^\[File\] +(FileType|FileTypeExtension|MIMEType|ExifByteOrder|ImageWidth|ImageHeight|EncodingProcess|BitsPerSample|ColorComponents|YCbCrSubSampling) |^\[IFD0\] +Orientation |^\[PNG\] +(ImageWidth|ImageHeight|BitDepth|ColorType|Compression|Filter|Interlace|Gamma|WhitePoint[XY]|(Red|Green|Blue)[XY]|ProfileName|BackgroundColor|SRGBRendering|Palette) |^\[RIFF\] +(VP8Version|WebP_Flags|ImageWidth|ImageHeight|HorizontalScale|VerticalScale|AlphaIsUsed) '
}

count=0
while IFS= read -r published; do
  count=$((count + 1))
  name=${published#"$work/public/"}
  source=$pages/$(basename "$published")
  seen=$(exiftool -a -G1 -s -n -u -ee "$published" 2>/dev/null)
  more=$(beside_the_picture <<<"$seen")
  [[ -z $more ]]; say $? "$name says nothing but how it is made up"
  [[ -z $more ]] || echo "$more"
  # Or nothing would have been shown.
  [[ -n $(exiftool -a -G1 -s -n -u -ee "$source" 2>/dev/null | beside_the_picture) ]]; say $? "$name said more before"
  warned=$(grep -E '^\[ExifTool\] +(Warning|Error)' <<<"$seen")
  [[ -z $warned ]]; say $? "$name is as its format has it"
  [[ -z $warned ]] || echo "$warned"
  before=$(exiftool -s3 -n -EXIF:Orientation "$source" 2>/dev/null)
  after=$(exiftool -s3 -n -EXIF:Orientation "$published" 2>/dev/null)
  [[ $before == "$after" ]]; say $? "$name stays the way up that it was ('$before')"
  decode() { convert "$1" -depth 8 "$2:-" 2>/dev/null | sha256sum; }
  form=rgba; [[ $name == *four-colours* ]] && form=cmyk
  # The decoder takes a file by its name where that is an ending it knows.
  [[ $name != *named-wrong* ]] || { cp "$published" "$work/now.jpg"; published=$work/now.jpg; cp "$source" "$work/was.jpg"; source=$work/was.jpg; }
  [[ $(decode "$source" $form) == "$(decode "$published" $form)" ]]; say $? "$name has the pixels that it had"
done < <(find "$work/public" -type f \( -name '*.jpg' -o -name '*.png' -o -name '*.webp' \) | sort)
[[ $count -ge 9 ]]; say $? "$count pictures were looked at"

for seed in "${seeds[@]}"; do
  ! grep -rqaF "$seed" "$work/public"; say $? "no byte of the site has $seed"
done
if [[ -n $profile ]]; then
  described=$(exiftool -s3 -ICC_Profile:ProfileDescription "$work/public/files/pages/photo.jpg")
  [[ $described == colours ]]; say $? "the colour profile is there, and says only that it is one ('$described')"
fi

# What is not stripped is told.
printf '%%PDF-1.4\n1 0 obj\n<< /Author (ZeldaQuux) >>\nendobj\n' >"$pages/report.pdf"
convert "$work/source.png" "$pages/scan.tif"
exiftool -q -q -overwrite_original -Artist=ZeldaQuux "$pages/scan.tif"
convert "$work/source.png" "$pages/moving.gif"
exiftool -q -q -overwrite_original -Comment=ElmStreet12 "$pages/moving.gif"
printf -- '---\ntitle: Files\n---\n[a](report.pdf) [b](scan.tif) [c](moving.gif)\n' >"$pages/files.md"
told=$("$program" check --config "$work/dossier.yaml" 2>&1)
for name in report.pdf scan.tif moving.gif; do
  grep -q "warning\[metadata-kept\]: .content/pages/$name" <<<"$told"; say $? "$name is told of"
done
! grep -qF -e ZeldaQuux -e ElmStreet12 <<<"$told"; say $? 'what it carries is not repeated'

if ((failures == 0)); then echo PASS; else echo "FAIL: $failures"; exit 1; fi

#!/usr/bin/env bash
# Makes the sample clip: three renditions of one quiet picture of water with a clock, keyframes every two seconds.
# Needs ffmpeg with libx264 and drawtext, and the DejaVu fonts (Debian: apt-get install ffmpeg fonts-dejavu-core).
set -euo pipefail
cd "$(dirname "$0")"

seconds=28
rate=25
font=${FONT:-/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf}
bold=${BOLD_FONT:-/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf}

# Slow waves that turn around a point like an eddy, drawn small and enlarged: the picture is smooth by nature.
# hypot and atan2 give each point its distance and angle; the pattern turns faster near the centre.
r="hypot((X-W*0.62)/W*1.78,(Y-H*0.46)/H)"
a="atan2(Y-H*0.46,(X-W*0.62)*1)"
swirl="sin(3*$a+9*$r-T*0.45)"
swell="sin(X/W*7+T*0.35+1.4*sin(Y/H*5-T*0.28))"
water="geq=lum='62+44*(1-$r)+15*$swirl*exp(-1.6*$r)+9*$swell':cb='140+9*$swell+8*$swirl*exp(-2*$r)':cr='104-8*$r+7*sin(T*0.2+X/W*3)'"

render() { # label width height kbit
  local label=$1 width=$2 height=$3 kbit=$4
  local big=$((height * 21 / 100)) small=$((height * 6 / 100)) margin=$((height * 8 / 100))
  local clock="text='%{pts\\:gmtime\\:0\\:%M\\\\\\:%S}.%{eif\\:mod(floor(t*10+0.001)\\,10)\\:d}'"
  local ink="fontcolor=white@0.94:shadowcolor=black@0.25:shadowx=1:shadowy=2"
  ffmpeg -hide_banner -loglevel error -y \
    -f lavfi -i "color=black:s=320x180:r=$rate,format=yuv420p,$water,scale=${width}:${height}:flags=bicubic,gradfun=1.2:16,\
drawtext=fontfile=$font:$clock:fontsize=$big:x=$margin:y=h-th-$margin:$ink,\
drawtext=fontfile=$bold:text='Eddy':fontsize=$small:x=$margin:y=$margin:$ink,\
drawtext=fontfile=$font:text='$label':fontsize=$small:x=w-tw-$margin:y=$margin:$ink" \
    -f lavfi -i "aevalsrc='0.045*sin(2*PI*220*t)*(0.6+0.4*sin(2*PI*0.25*t))+0.03*sin(2*PI*330*t)*(0.6+0.4*sin(2*PI*0.2*t))\
+0.11*sin(2*PI*880*t)*exp(-38*mod(t,1))':s=48000:c=stereo" \
    -t "$seconds" -map 0:v -map 1:a \
    -c:v libx264 -profile:v high -preset slow -pix_fmt yuv420p -bf 2 -g $((rate * 2)) -keyint_min $((rate * 2)) -sc_threshold 0 \
    -b:v "${kbit}k" -maxrate "$((kbit * 3 / 2))k" -bufsize "$((kbit * 2))k" -threads 2 \
    -c:a aac -b:a 64k -ac 2 -movflags +faststart -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
    "eddy-$label.mp4"
}

render 360p 640 360 150
render 540p 960 540 320
render 720p 1280 720 560
ls -l eddy-*.mp4

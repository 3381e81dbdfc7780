"""OpenAI's speech-to-text API: the audio endpoints and Realtime transcription."""

"""The bundled checkpoint: a small wav2vec 2.0 trained on synthetic speech."""
